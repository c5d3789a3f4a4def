# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs AWS modules in a fork of the controller, which has imported boto3 already.

Stands in for ansible-core's `normal` action, which for every task packs an archive, starts an interpreter and
has it import boto3 and read botocore's service models. Only the way in which the module's process comes about
differs: its arguments, its environment and the reading of its output are ansible-core's own.

A task that isn't an AWS module run here, by this interpreter, as this user and at once goes the stock way.
With FAST_AWS_MODULES=0 in the controller's environment every task does.

Made for ansible-core 2.19; it relies on what `ansible.executor.module_common` and
`ansible.module_utils._internal._ansiballz._loader` of that release do.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import json
import logging
import os
import re
import signal
import sys
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, NoReturn

from ansible import constants
from ansible.executor.module_common import InterpreterDiscoveryRequiredError, _BuiltModule, _get_shebang
from ansible.module_utils import _internal, basic
from ansible.module_utils._internal import _traceback
from ansible.module_utils._internal._ansiballz import _loader
from ansible.module_utils.common.json import Direction, get_module_encoder
from ansible.plugins.loader import action_loader, module_loader
from ansible.utils.multiprocessing import context as multiprocessing

COLLECTIONS = ("amazon.aws.", "community.aws.", "timeseries.aws.")
PROFILE = "legacy"  # how modules and the controller write JSON to each other

# Settings of the module's own process; a fork can't have them anew
PROCESS_SETTINGS = (
    "PYTHON_MODULE_RLIMIT_NOFILE",
    "_ANSIBALLZ_COVERAGE_CONFIG",
    "_ANSIBALLZ_DEBUGPY_CONFIG",
    "_ANSIBALLZ_PYDEVD_CONFIG",
    "_MODULE_METADATA",
)
PROCESS_VARIABLES = ("LANG", "LC_", "LD_", "PYTHON", "TZ")

# The name under which a module asks for a client: module.client("iam"), retrying_client(module, "iam")
CLIENT = re.compile(r"""client\((?:module, )?["']([a-z0-9-]+)["']""")

# By its name: as a Python module, ansible.plugins.action.normal is this file
Stock: Any = action_loader.get("ansible.builtin.normal", class_only=True)


def enabled() -> bool:
    """Whether AWS modules may run in forks; macOS's own libraries don't survive one."""
    return os.environ.get("FAST_AWS_MODULES") != "0" and sys.platform != "darwin"


class ActionModule(Stock):
    """The `normal` action; `_forked` is the Python name of the module to run in a fork, if it is to be."""

    _forked: str | None = None
    _path: str
    _environment: dict[str, Any]

    @staticmethod
    def prepare(action: str) -> None:
        """Import what a task's action needs, for the forks to inherit it.

        This is of use only in the controller's main process: what a worker imports ends with its task. A
        module that can't be imported says so in its own fork.
        """
        if not enabled() or not action.startswith(COLLECTIONS):
            return
        found = module_loader.find_plugin_with_context(action)
        if found.resolved and found.plugin_resolved_name not in sys.modules:
            with suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                importlib.import_module(found.plugin_resolved_name)
                read_models(CLIENT.findall(Path(found.plugin_resolved_path).read_text(encoding="utf-8")))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task's module; its result."""
        task = self._task
        found = module_loader.find_plugin_with_context(task.action, collection_list=task.collections)
        if found.resolved and found.resolved_fqcn.startswith(COLLECTIONS):
            self._environment = {}
            self._compute_environment_string(self._environment)
            if self._runs_like_us(task_vars or {}):
                self._forked, self._path = found.plugin_resolved_name, found.plugin_resolved_path
        result: dict[str, Any] = super().run(tmp, task_vars)
        return result

    def _runs_like_us(self, task_vars: Mapping[str, Any]) -> bool:
        """Whether the module's process would be no different from the controller's."""
        return (
            enabled()
            and self._connection.ansible_name in ("local", "ansible.builtin.local")
            and self._connection.become is None
            and not self._task.async_val
            and not constants.DEFAULT_KEEP_REMOTE_FILES
            and not any(constants.config.get_config_value(it, variables=task_vars) for it in PROCESS_SETTINGS)
            and all(name.isidentifier() for name in self._environment)
            and not any(name.startswith(PROCESS_VARIABLES) for name in self._environment)
            and self._interpreter(task_vars) == sys.executable
        )

    def _interpreter(self, task_vars: Mapping[str, Any]) -> str | None:
        """The interpreter that the task's host has, unless it must still be searched for."""
        host = self._task.delegate_to
        variables = task_vars["ansible_delegated_vars"][host] if host else task_vars
        with suppress(InterpreterDiscoveryRequiredError):
            interpreter: str = _get_shebang("/usr/bin/python", variables, self._templar)[1]
            return interpreter
        return None

    def _is_pipelining_enabled(self, module_style: str, wrap_async: bool = False) -> bool:
        """A fork needs no temporary folder."""
        return bool(self._forked or super()._is_pipelining_enabled(module_style, wrap_async))

    def _configure_module(
        self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]
    ) -> tuple[_BuiltModule, str]:
        """What a module's process reads (for a fork only the arguments), and the module's path."""
        if self._forked:
            encoder = get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
            try:
                arguments = json.dumps({"ANSIBLE_MODULE_ARGS": module_args}, cls=encoder).encode()
            except TypeError:
                self._forked = None  # the stock way has the words for it
            else:
                return payload(arguments), self._path
        built: tuple[_BuiltModule, str] = super()._configure_module(module_name, module_args, task_vars)
        return built

    def _low_level_execute_command(
        self, cmd: str, sudoable: bool = True, in_data: bytes | None = None, **options: Any
    ) -> dict[str, Any]:
        """Run a command, or a module in a fork if that is what its input is for."""
        if self._forked and in_data:
            return run_forked(self._forked, in_data, self._environment, self._loader.get_basedir())
        answer: dict[str, Any] = super()._low_level_execute_command(cmd, sudoable, in_data, **options)
        return answer


def payload(arguments: bytes) -> _BuiltModule:
    """What ansible-core is to take for a module that was built."""
    return _BuiltModule(
        b_module_data=arguments,
        module_style="new",
        shebang=f"#!{sys.executable}",
        serialization_profile=PROFILE,
    )


def run_forked(name: str, arguments: bytes, environment: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """Run a module's main() in a child process; its exit status and output, as of a command."""
    with TemporaryFile() as output, TemporaryFile() as errors:
        # A daemon, so that it ends with the worker when the task's timeout runs out
        child = multiprocessing.Process(
            target=run_module, args=(name, arguments, environment, folder, output, errors), daemon=True
        )
        child.start()
        child.join()
        stdout, stderr = written(output), written(errors)
    status = child.exitcode
    return {
        "rc": status if status >= 0 else 128 - status,  # a shell's way to say that a signal ended it
        "stdout": stdout,
        "stdout_lines": stdout.splitlines(),
        "stderr": stderr,
        "stderr_lines": stderr.splitlines(),
    }


def written(file: IO[bytes]) -> str:
    """What a child process has written to a file."""
    file.seek(0)
    return file.read().decode(errors="replace")


def run_module(
    name: str,
    arguments: bytes,
    environment: Mapping[str, Any],
    folder: str,
    output: IO[bytes],
    errors: IO[bytes],
) -> None:
    """Make this child process what a module's process is, and run the module; ends with SystemExit."""
    forget_controller()
    for stream, (number, file) in {"stdout": (1, output), "stderr": (2, errors)}.items():
        os.dup2(file.fileno(), number)
        setattr(sys, stream, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    os.chdir(folder)
    os.environ.update({key: str(value) for key, value in environment.items()})
    basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = arguments, PROFILE
    try:
        call_main(name)
    except Exception as error:
        _loader._handle_exception(error, PROFILE)
    finally:
        atexit._run_exitfuncs()


def call_main(name: str) -> NoReturn:
    """Run a module as ansible-core does, which tells of one that doesn't exit."""
    importlib.import_module(name).main()
    raise RuntimeError("New-style module did not handle its own exit.")


def forget_controller() -> None:
    """Undo in a child process what makes it a controller: how it warns, traces errors, logs, ends."""
    _internal.is_controller = False
    _internal.import_controller_module = lambda _name: None
    _traceback._is_traceback_enabled = _traceback._is_module_traceback_enabled
    logging.getLogger().handlers.clear()
    atexit._clear()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)


def read_models(services: Iterable[str]) -> None:
    """Read what botocore knows of services, by the very calls of its clients, whose answers it keeps."""
    loader = shared_loader()
    for service in services:
        for kind in ("service-2", "endpoint-rule-set-1"):
            loader.load_service_model(service, kind, api_version=None)


@functools.cache
def shared_loader() -> Any:
    """The reader of service models that all sessions of this process and its forks share from now on."""
    import botocore.loaders
    import botocore.session

    botocore.session.create_loader = functools.cache(botocore.loaders.create_loader)
    loader = botocore.session.create_loader(None)
    loader.load_data_with_path("endpoints")
    for name in ("partitions", "sdk-default-configuration", "_retry"):
        loader.load_data(name)
    return loader
