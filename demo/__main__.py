# SPDX-License-Identifier: MIT
"""The demo: send readings to a deployed stack by every route, and ask it about them.

python -m demo                  a simulated fleet's last 24 hours
python -m demo --csv FILE       readings of your own
python -m demo rollup           the last hours of the hourly roll-up, computed at once
python -m demo measures FILE    the measures in a file, as the setting `measures` takes them
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from demo import csv_file, fleet, report, rollup, run
from demo.csv_table import CsvError
from demo.questions import ROLLUP_FOLDER, questions
from demo.stack import Stack, StackError, load

UNACCOUNTED = 1
UNUSABLE = 2
PIPE_WIDTH = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it. Exit code 0; 1 if a reading is neither stored nor reported; 2 if it could not go on."""
    options = _options(arguments)
    try:
        if options.command == "measures":
            sys.stdout.write(json.dumps(_file(options.file, options).measures) + "\n")
            return 0
        stack = load(options.outputs)
        complete = _rollup(stack, options) if options.command == "rollup" else _demo(stack, options)
    except (CsvError, StackError) as error:
        return _fail(str(error))
    except (ClientError, BotoCoreError) as error:
        return _fail(f"{error}\nIs the stack deployed, and if it is a local one, up (python -m localaws up)?")
    return 0 if complete else UNACCOUNTED


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def _rollup(stack: Stack, options: argparse.Namespace) -> bool:
    rollup.run(stack, options.patience)
    run.ask(stack, _console(), questions(ROLLUP_FOLDER), stack.rollup_table, look_back="1d")
    return True


def _demo(stack: Stack, options: argparse.Namespace) -> bool:
    console = _console()
    memory_store = stack.memory_store  # asked for first: if nobody answers, nothing is sent
    now = datetime.now(UTC)
    if options.csv is None:
        stack.require(list(fleet.MEASURES))
        deliveries = fleet.play(options.seed, now)
        report.fleet(console, stack, fleet.devices(options.seed), options.seed)
    else:
        file = _file(options.csv, options)
        stack.require(file.measures)
        messages, by = csv_file.shift(file.messages, now.replace(microsecond=0), memory_store)
        deliveries = run.split(messages)
        report.file(console, stack, options.csv, file, messages, by)
    return run.play(stack, deliveries, console, options.patience)


def _file(path: Path, options: argparse.Namespace) -> csv_file.CsvFile:
    settings = csv_file.Settings.of(path)
    given = {
        name: value for name in ("device_id", "location", "time_format") if (value := getattr(options, name))
    }
    return csv_file.load(path, replace(settings, **given))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--outputs",
        type=Path,
        default=Path("outputs/local-us-east-1.json"),
        help="what deploy.yml wrote (%(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, default=2026, help="another number is another fleet (%(default)s)"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="replay a file in place of the fleet")
    parser.add_argument("--device-id", help="for a file without device_id; default: the file's name")
    parser.add_argument("--location", help="for a file without location; default: its folder's name")
    parser.add_argument(
        "--time-format", help="of the file's times, as strptime has it; default: ISO 8601 or an epoch"
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=60,
        metavar="SECONDS",
        help="give up on readings that do not show up for so long (%(default)s)",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("rollup", help="compute the last hours of the hourly roll-up, and show them")
    measures = commands.add_parser("measures", help="print the names of a file's measures")
    measures.add_argument("file", type=Path)
    return parser.parse_args(arguments)


def _fail(message: str) -> int:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"demo: {message}", markup=False)
    return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
