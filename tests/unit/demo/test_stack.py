# SPDX-License-Identifier: MIT
"""Finding a stack, and refusing one that the demo can't use."""

import json
from pathlib import Path
from typing import Any

import pytest

from demo.stack import Stack, StackError, load, local_clients


def with_outputs(stack: Stack, **outputs: Any) -> Stack:
    return Stack({**stack.outputs, **outputs}, stack.client)


def test_no_outputs(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"no .*none\.json: run ansible-playbook deploy\.yml first"):
        load(tmp_path / "none.json")


def test_outputs_that_are_not_json(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(StackError, match="is not JSON"):
        load(tmp_path / "bad.json")


@pytest.mark.parametrize(
    "endpoint", ["https://example.com", "http://10.0.0.1:4566", "http://127.0.0.1.example.com"]
)
def test_a_local_stack_is_on_this_machine(tmp_path: Path, endpoint: str) -> None:
    path = tmp_path / "local.json"
    path.write_text(json.dumps({"environment": "local", "endpoint_url": endpoint}))
    with pytest.raises(StackError, match="a local stack's is an address of this machine"):
        load(path)


def test_the_user_s_own_account_is_not_involved(monkeypatch: pytest.MonkeyPatch, stack: Stack) -> None:
    """A profile that does not exist, credentials, a proxy: a local stack's clients see none of them."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.setenv(name, "someone-s-own")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "someone-s-own")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    client = local_clients(stack.outputs["endpoint_url"])("sts")
    assert client.get_caller_identity()["Account"] == "000000000000"
    assert client._request_signer._credentials.token is None


def test_measures_that_the_stack_has_not(stack: Stack) -> None:
    with pytest.raises(
        StackError, match=r"no CO2: run ansible-playbook deploy.yml -e '\{\"measures\": \[\"CO2\"\]\}'"
    ):
        stack.require(["CO2"])


def test_the_record_model_that_the_questions_ask_for(stack: Stack) -> None:
    with pytest.raises(StackError, match="timestream_record_model=single"):
        with_outputs(stack, record_model="multi").require(["temperature"])


def test_dimensions_that_the_messages_have(stack: Stack) -> None:
    with pytest.raises(StackError, match="the dimensions device_id and location"):
        with_outputs(stack, dimensions=["device_id", "site"]).require(["temperature"])
