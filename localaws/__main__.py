# SPDX-License-Identifier: MIT
# ruff: noqa: T201 - what a command says, it prints
"""The embedded AWS from the command line: `python -m localaws up|down|status|reset|env`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from rich.console import Console

from localaws import process, report, settings

NOT_RUNNING = 3  # as `systemctl status` and the LSB say it
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
    parser = argparse.ArgumentParser(prog="localaws", description=__doc__.partition(":")[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, run in COMMANDS.items():
        command = commands.add_parser(name, help=run.__doc__)
        command.add_argument("--state", type=Path, default=process.STATE, help="its folder (%(default)s)")
        if name in ("up", "env"):
            command.add_argument("--port", type=int, help=f"if not given, the last one, or {settings.PORT}")
        if name == "up":
            command.add_argument(
                "--rates",
                choices=settings.RATES,
                default=os.environ.get("LOCALAWS_RATES", settings.RATES[0]),
                help="how many requests a second are answered (%(default)s)",
            )
    return parser.parse_args()


def up(options: argparse.Namespace) -> int:
    """start the server, if it isn't up, and wait until it answers"""
    instance = process.find(options.state)
    if instance is None:
        with console.status("starting the embedded AWS"):
            instance = process.start(options.state, port(options), options.rates)
        print(f"up at {instance.endpoint} (process {instance.pid})")
    elif options.port in (instance.port, 0, None):
        print(f"up already at {instance.endpoint} (process {instance.pid})")
    else:
        raise process.ServerError(f"up at {instance.endpoint} already: stop that first")
    return 0


def down(options: argparse.Namespace) -> int:
    """stop the server, if it is up; the next one finds all that it held"""
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
    for table in report.tables(instance, instance.ask("GET", "/_localaws/status")):
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
    if process.find(options.state) is None:
        print("localaws: not up yet; python -m localaws up starts it", file=sys.stderr)
    for name, value in settings.client_environment(port(options)).items():
        print(f"export {name}={shlex.quote(value)}")
    print("unset", *settings.FOREIGN_VARIABLES)
    return 0


def port(options: argparse.Namespace) -> int:
    """The port that is asked for, or else the last one: the state has URLs in it."""
    if options.port is not None:
        return int(options.port)
    return process.last_port(options.state) or settings.PORT


COMMANDS = {command.__name__: command for command in (up, down, status, reset, env)}

if __name__ == "__main__":
    sys.exit(main())
