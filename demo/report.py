# SPDX-License-Identifier: MIT
"""What the demo shows: what went in, what became of it, what the readings say, and what to try next."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from demo.csv_file import CsvFile
from demo.csv_table import Problem
from demo.fleet import Device
from demo.ledger import Ledger
from demo.message import Message, Route, milliseconds, utc
from demo.query import Answer, Value
from demo.questions import FOLDER, Question
from demo.stack import Stack

ROWS = 15
"""Rows of an answer that are shown."""
PIVOT = 6
"""Measures that fit side by side."""


def fleet(console: Console, stack: Stack, devices: Sequence[Device], seed: int) -> None:
    """Who is about to speak, and to whom."""
    _title(console, stack)
    sites = ", ".join(dict.fromkeys(device.site.name for device in devices))
    _line(console, f"{len(devices)} simulated sensors tell of their last 24 hours (seed {seed}), at {sites}")


def file(
    console: Console, stack: Stack, path: Path, found: CsvFile, messages: Sequence[Message], by: timedelta
) -> None:
    """What a file holds, what of it is left out, and how it was moved in time."""
    _title(console, stack)
    _line(console, f"{path}: {len(messages):,} rows of {', '.join(found.measures)}")
    if by:
        was, now = (_day(utc(last.time_ms)) for last in (found.messages[-1], messages[-1]))
        _line(console, f"moved in time, by {_span(by)}: its last row, of {was}, is at {now} UTC now")
    if found.ignored:
        _line(console, f"columns left out, for want of numbers: {', '.join(found.ignored)}")
    if found.problems:
        console.print()
        lines_not_read(console, found.problems)


def heading(console: Console, text: str) -> None:
    """A line across the terminal with a title."""
    console.print()
    console.rule(f"[bold]{escape(text)}", align="left", style="cyan")


def what_went_in(console: Console, ledger: Ledger, seconds: float) -> None:
    """The books, a line a route."""
    stored, reported, waiting = map(ledger.count, (ledger.stored, ledger.reported, ledger.waiting))
    sent = Counter(ledger.routes.values())
    table = _table("route", "messages", "readings", "stored", "reported", "missing", right=range(1, 6))
    for route in filter(sent.get, Route):
        counts = ledger.messages[route], sent[route], stored[route], reported[route], waiting[route]
        table.add_row(route.value, *map(_count, counts))
    table.add_section()
    totals = ledger.messages, sent, stored, reported, waiting
    table.add_row("all", *(_count(column.total()) for column in totals), style="bold")
    rate = sent.total() / max(seconds, 0.001)
    console.print(_indented(table))
    _line(
        console,
        f"sent, and found in the table, in {seconds:.1f} s: {rate:,.0f} readings a second",
        style="dim",
    )
    console.print()


def what_is_not_stored(console: Console, ledger: Ledger) -> None:
    """Readings that were refused, by their reason, and those of which nothing is known."""
    reasons = Counter(ledger.reported.values())
    if reasons:
        table = _table("reported as not stored, because", "readings", right=[1])
        for reason, count in reasons.most_common(ROWS):
            table.add_row(_plain(reason), _count(count))
        if others := reasons.most_common()[ROWS:]:
            table.add_row("other reasons", _count(sum(count for _, count in others)))
        console.print(_indented(table))
        console.print()
    if ledger.waiting:
        missing = f"{len(ledger.waiting):,} readings are neither stored nor reported, for one:"
        _line(console, missing, style="bold red")
        _line(console, str(next(iter(ledger.waiting))))


def what_is_stored(console: Console, stack: Stack, ledger: Ledger, now: datetime) -> None:
    """Where this run's readings lie: the magnetic store has what is older than the memory store keeps."""
    edge = milliseconds(now - stack.memory_store)
    hours = stack.memory_store / timedelta(hours=1)
    table = _table("stored in", "readings", "devices", "from", "to", right=[1, 2])
    stores = {
        f"the memory store, the last {hours:g} h": [key for key in ledger.stored if key.time_ms >= edge],
        "the magnetic store, what is older": [key for key in ledger.stored if key.time_ms < edge],
    }
    for store, keys in stores.items():
        if keys:
            devices = len({(key.device_id, key.location) for key in keys})
            ends = min(key.time_ms for key in keys), max(key.time_ms for key in keys)
            table.add_row(store, _count(len(keys)), _count(devices), *(_text(utc(end)) for end in ends))
    console.print(_indented(table))


def lines_not_read(console: Console, problems: Sequence[Problem], shown: int = 8) -> None:
    """Lines of the file that were left out, and why."""
    table = _table("line", "not sent, because")
    for problem in problems[:shown]:
        table.add_row(str(problem.line), _plain(problem.reason))
    if len(problems) > shown:
        table.add_row("...", f"and {len(problems) - shown:,} more")
    console.print(_indented(table))


def answer(console: Console, question: Question, found: Answer, seconds: float) -> None:
    """A question and its answer."""
    console.print()
    console.print(Text(question.text, style="bold yellow"))
    source = f"files/queries/{question.path.relative_to(FOLDER)}, {seconds * 1000:.0f} ms"
    if not found.rows:
        _line(console, "none")
        _line(console, source, style="dim")
        return
    wide = side_by_side(found)
    table = _table(*wide.columns, right=[at for at in range(len(wide.columns)) if _is_numeric(wide, at)])
    for row in wide.rows[:ROWS]:
        table.add_row(*(_plain(_text(value)) for value in row))
    more = len(wide.rows) - ROWS
    console.print(_indented(table))
    _line(console, f"{source}{f'; {more:,} rows more' if more > 0 else ''}", style="dim")


def side_by_side(found: Answer) -> Answer:
    """An answer of one value a measure, with a column a measure in place of a row; any other as it is."""
    *names, _ = found.columns
    if "measure_name" not in names or any(_is_numeric(found, at) for at in range(len(names))):
        return found
    at = names.index("measure_name")
    measures = list(dict.fromkeys(str(row[at]) for row in found.rows))
    rows: dict[tuple[Value, ...], dict[str, Value]] = {}
    for row in found.rows:
        rows.setdefault((*row[:at], *row[at + 1 : -1]), {})[str(row[at])] = row[-1]
    if len(measures) > PIVOT or len(rows) == len(found.rows):
        return found
    return Answer(
        [*names[:at], *names[at + 1 :], *measures],
        [(*key, *map(values.get, measures)) for key, values in rows.items()],
    )


def what_next(console: Console, stack: Stack) -> None:
    """Commands to try, with what they do."""
    env = stack.outputs["environment"]
    table = f'"{stack.database}"."{stack.table}"'
    select = f"SELECT * FROM {table} WHERE time > ago(1h) ORDER BY time DESC LIMIT 5"  # noqa: S608
    measures = json.dumps({"measures": stack.outputs["measures"]})
    verify, deploy = (
        f"ansible-playbook {playbook} -e env={env} -e '{measures}'"
        for playbook in ("playbooks/verify.yml", "deploy.yml")
    )
    commands = {
        "ask it yourself": f"aws timestream-query query --query-string '{select}'",
        "replay a file of your own": "make demo CSV=FILE",
        "roll up every hour from now on, as Timestream lets us once there are readings": deploy,
        "compute the last of those hours at once": "python -m demo rollup",
        "check the stack, by a reading on each route": verify,
    }
    if env == "local":
        commands = {
            "use the project's tools, and the embedded AWS, in this shell": (
                '. .venv/bin/activate; eval "$(python -m localaws env)"'
            ),
            **commands,
            "deploy to an account of yours, which costs money: in a new shell, with its credentials": (
                "ansible-playbook deploy.yml -e env=dev"
            ),
            "stop the embedded AWS; it keeps what it holds": "make local-down",
        }
    for what, command in commands.items():
        console.print(Text(f"  # {what}", style="dim"))
        console.print(Text(f"  {command}"), soft_wrap=True)


def _title(console: Console, stack: Stack) -> None:
    outputs = stack.outputs
    heading(console, f"{stack.name}, account {outputs['account_id']}, {outputs['region']}")


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(_indented(Text(_printable(text), style=style)))


def _plain(text: str) -> str:
    """A text from elsewhere for a table: no markup of ours in it."""
    return escape(_printable(text))


def _printable(text: str) -> str:
    """A text from elsewhere: nothing in it may steer the terminal."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def _table(*columns: str, right: Collection[int] = ()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for index, name in enumerate(columns):
        table.add_column(escape(name), justify="right" if index in right else "left", overflow="fold")
    return table


def _indented(what: Table | Text) -> Padding:
    return Padding(what, (0, 0, 0, 2))


def _is_numeric(found: Answer, index: int) -> bool:
    return any(isinstance(row[index], int | float) for row in found.rows)


def _count(number: int) -> str:
    return f"{number:,}"


def _text(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int():
            return f"{value:,}"
        case float():
            return _rounded(value)
        case datetime():
            return value.strftime("%m-%d %H:%M:%S" if value.second else "%m-%d %H:%M")
        case str():
            return value


def _day(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M")


def _span(by: timedelta) -> str:
    return f"{by.days:,} days" if abs(by) >= timedelta(days=2) else str(by)


def _rounded(value: float) -> str:
    """Enough digits to tell readings apart, none that no sensor has."""
    size = abs(value)
    return f"{value:,.2f}" if size >= 1 or size == 0 else f"{value:.3f}" if size >= 0.01 else f"{value:#.3g}"
