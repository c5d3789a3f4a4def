# SPDX-License-Identifier: MIT
# ruff: noqa: T201 - what a command says, it prints
"""The embedded AWS from the command line: `python -m localaws up|down|status|reset|env`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from localaws import process, settings

NOT_RUNNING = 3  # as `systemctl status` and the LSB say it
STATE = Path(os.environ.get("LOCALAWS_STATE") or process.PROJECT / ".localaws")
console = Console(highlight=False)


def main() -> int:
    """Run one command; the exit code is 0 when all is well, 3 when nothing runs, 1 after an error."""
    options = arguments()
    try:
        return COMMANDS[options.command](options)
    except process.ServerError as error:
        print(f"localaws: {error}", file=sys.stderr)
        return 1


def arguments() -> argparse.Namespace:
    """The command line, parsed."""
    parser = argparse.ArgumentParser(prog="python -m localaws", description=__doc__.partition(":")[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, run in COMMANDS.items():
        command = commands.add_parser(name, help=run.__doc__)
        command.add_argument("--state", type=Path, default=STATE, help="its folder: lock, log, scratch files")
        if name in ("up", "env"):
            command.add_argument("--port", type=int, default=settings.PORT, help="%(default)s if not given")
    return parser.parse_args()


def up(options: argparse.Namespace) -> int:
    """start the server, if it isn't up, and wait until it answers"""
    instance = process.find(options.state)
    if instance is None:
        with console.status("starting the embedded AWS"):
            instance = process.start(options.state, options.port)
        print(f"up at {instance.endpoint} (process {instance.pid})")
    elif options.port in (instance.port, 0):
        print(f"up already at {instance.endpoint} (process {instance.pid})")
    else:
        raise process.ServerError(f"up at {instance.endpoint} already: stop that first")
    return 0


def down(options: argparse.Namespace) -> int:
    """stop the server, if it is up; its state is gone then"""
    with console.status("stopping the embedded AWS"):
        stopped = process.stop(options.state)
    print("stopped" if stopped else "not up")
    return 0


def status(options: argparse.Namespace) -> int:
    """show what runs; exit code 3 if nothing does"""
    instance = process.find(options.state)
    if instance is None:
        print("not up")
        return NOT_RUNNING
    report = instance.ask("GET", "/_localaws/status")
    table = Table(show_header=False)
    table.add_row("endpoint", instance.endpoint)
    table.add_row("process", str(instance.pid))
    table.add_row("up for", str(timedelta(seconds=int(time.time() - report["started"]))))
    table.add_row("services", str(report["services"]))
    for name, count in report["timestream"].items():
        table.add_row(name.replace("_", " "), f"{count:,}")
    console.print(table)
    return 0


def reset(options: argparse.Namespace) -> int:
    """empty every service"""
    instance = process.find(options.state)
    if instance is None:
        raise process.ServerError("not up: nothing to reset")
    with console.status("emptying every service"):
        instance.ask("POST", "/_ministack/reset")
    print("emptied")
    return 0


def env(options: argparse.Namespace) -> int:
    """print shell exports that point SDKs and the AWS CLI at it: eval "$(python -m localaws env)" """
    instance = process.find(options.state)
    if instance is None:
        print("localaws: not up yet; python -m localaws up starts it", file=sys.stderr)
    for name, value in settings.client_environment(instance.port if instance else options.port).items():
        print(f"export {name}={shlex.quote(value)}")
    print("unset", *settings.FOREIGN_VARIABLES)
    return 0


COMMANDS = {command.__name__: command for command in (up, down, status, reset, env)}

if __name__ == "__main__":
    sys.exit(main())
