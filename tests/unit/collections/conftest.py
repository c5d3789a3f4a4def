# SPDX-License-Identifier: MIT
"""Runs the collection's modules for real, without a playbook."""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import json
import os
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import botocore.loaders
import botocore.session
import pytest
from ansible.module_utils.testing import patch_module_args
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

COLLECTIONS = Path(__file__).parents[3] / "collections"
RunModule = Callable[..., dict[str, Any]]
Converge = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session", autouse=True)
def _importable_collections() -> None:
    with contextlib.suppress(ValueError):  # installed already
        _AnsibleCollectionFinder(paths=[str(COLLECTIONS)])._install()


@pytest.fixture(scope="session", autouse=True)
def _service_models_are_read_once() -> Iterator[None]:
    """Reading botocore's JSON is most of a module's time; children inherit what their parent has read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", functools.cache(botocore.loaders.create_loader))
        boto3.session.Session().client("sts", region_name="us-east-1")
        yield


@pytest.fixture
def run_module(aws: Any) -> RunModule:
    """`run_module("timestream_table", check=False, diff=True, **arguments)` -> the module's result.

    The module's main() runs in a child process, as Ansible would run it, against the embedded AWS. A result
    has `failed` only if the module failed, and `crashed`, a traceback, only if it did so without saying why.
    """

    def run(module: str, /, *, check: bool = False, diff: bool = True, **arguments: Any) -> dict[str, Any]:
        settings = {"_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_module_name": module}
        connection = {
            "endpoint_url": aws.endpoint,
            "region": "us-east-1",
            "access_key": "test",
            "secret_key": "test",
        }
        return _in_child(module, settings | connection | arguments)

    return run


@pytest.fixture
def converge(run_module: RunModule) -> Converge:
    """`converge("timestream_table", observe, **arguments)` -> the result of the real run.

    Checks what holds for every module: a check run changes nothing of what `observe` answers and predicts the
    real run, and a second run changes nothing. `unknown` are keys that only the real run can fill in.
    """

    def converge(
        module: str, observe: Callable[[], Any], /, unknown: tuple[str, ...] = (), **arguments: Any
    ) -> dict[str, Any]:
        before = observe()
        predicted = run_module(module, check=True, **arguments)
        assert not predicted.get("failed"), predicted
        assert observe() == before
        real = run_module(module, **arguments)
        assert not real.get("failed"), real
        assert _known(predicted, unknown) == _known(real, unknown)
        assert (observe() != before) == real["changed"]
        again = run_module(module, **arguments)
        assert again["changed"] is False
        assert again["diff"]["before"] == again["diff"]["after"] == real["diff"]["after"]
        return real

    return converge


def _known(result: Any, unknown: tuple[str, ...]) -> Any:
    if isinstance(result, dict):
        return {key: None if key in unknown else _known(value, unknown) for key, value in result.items()}
    return result


def _in_child(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    module = importlib.import_module(f"ansible_collections.timeseries.aws.plugins.modules.{name}")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with os.fdopen(writer, "w", encoding="utf-8") as pipe:
            pipe.write(_output(module, arguments))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        output = pipe.read()
    os.waitpid(child, 0)
    result: dict[str, Any] = json.loads(output)
    return result


def _output(module: ModuleType, arguments: dict[str, Any]) -> str:
    printed = io.StringIO()
    try:
        with patch_module_args(arguments), contextlib.redirect_stdout(printed):
            module.main()
    except SystemExit:
        return printed.getvalue()
    except BaseException:
        return json.dumps({"failed": True, "crashed": traceback.format_exc()})
    return json.dumps({"failed": True, "crashed": f"main() returned; it printed {printed.getvalue()!r}"})
