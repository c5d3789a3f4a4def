# SPDX-License-Identifier: MIT
"""Readings of one's own, from a CSV file.

    time         the column named timestamp, date or time (date and time together, if a file has both)
    dimensions   columns named device_id and location; settings stand in where a file has none
    measures     every other column of numbers, under a name that Timestream and the IoT rule take

What can't be read is kept as a `Problem`, with its line and the reason; only a file of which nothing can be
read is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from demo import cells, csv_table
from demo.csv_table import CsvError, Problem, Row, Table
from demo.measure_names import measure_names
from demo.message import Message, milliseconds

MAX_DIMENSION = 1024  # bytes; a Timestream record has room for 2,048 in all
MAX_MEASURES = 100  # a rule action stores at most 100 attributes of a message
FUTURE = timedelta(minutes=15)  # what Timestream allows a reading to be ahead of its own clock
TIME_COLUMNS = ("timestamp", "date", "time")
DIMENSION_COLUMNS = ("device_id", "location")


@dataclass(frozen=True)
class CsvFile:
    """What a file holds: messages in order of time, the measures they may carry, and what was left out."""

    messages: list[Message]
    measures: list[str]
    problems: list[Problem]
    ignored: list[str]


@dataclass(frozen=True)
class Settings:
    """What a file may not say of itself."""

    device_id: str
    location: str
    time_format: str | None = None  # as strptime reads it

    @classmethod
    def of(cls, path: Path) -> Settings:
        """Names made from the file's own: its stem for the device, its folder for the place."""
        return cls(device_id=path.stem, location=path.resolve().parent.name or "unknown")


@dataclass(frozen=True)
class _Layout:
    """Which column holds what, by its place in the row."""

    time: tuple[int, ...]
    dimensions: dict[str, int]
    measures: dict[int, str]
    decimal_comma: bool


def load(path: Path, settings: Settings) -> CsvFile:
    """Read a file; CsvError if it has no column with a time, none of numbers, or no row that can be read."""
    table = csv_table.read(path)
    layout = _layout(path, table)
    problems = list(table.problems)
    messages = _messages(layout, table.rows, settings, problems)
    problems.sort(key=lambda problem: problem.line)
    if not messages:
        first = f"the first, line {problems[0].line}: {problems[0].reason}" if problems else "there is none"
        raise CsvError(f"no row of {path} could be read; {first}")
    used = {*layout.time, *layout.dimensions.values(), *layout.measures}
    ignored = [name for index, name in enumerate(table.header) if name and index not in used]
    return CsvFile(messages, list(layout.measures.values()), problems, ignored)


def shift(
    messages: Sequence[Message], now: datetime, memory_store: timedelta
) -> tuple[list[Message], timedelta]:
    """Messages (in order of time), moved so that the last is at `now` if the memory store would not take it.

    It takes what is younger than its retention and at most 15 minutes ahead. Answers with how far they were
    moved, which is nothing for a file that is recent already. Their spacing stays.
    """
    last = messages[-1].time_ms
    if milliseconds(now - memory_store) < last <= milliseconds(now + FUTURE):
        return list(messages), timedelta()
    by = milliseconds(now) - last
    moved = [replace(message, time_ms=message.time_ms + by) for message in messages]
    return moved, timedelta(milliseconds=by)


def _layout(path: Path, table: Table) -> _Layout:
    lower = [name.lower() for name in table.header]
    columns = cells.shortened(", ".join(table.header), 200)
    time = _time_columns(lower)
    if not time:
        raise CsvError(f"{path} has no column named {' or '.join(TIME_COLUMNS)}; its columns: {columns}")
    dimensions = {name: lower.index(name) for name in DIMENSION_COLUMNS if name in lower}
    decimal_comma = table.delimiter == ";"
    titles = {
        index: title
        for index, title in enumerate(table.header)
        if title
        and lower[index] not in TIME_COLUMNS
        and index not in dimensions.values()
        and _is_numeric([row.fields[index] for row in table.rows], decimal_comma)
    }
    if not titles and table.rows:
        raise CsvError(f"{path} has no column of numbers beside its time; its columns: {columns}")
    if len(titles) > MAX_MEASURES:
        raise CsvError(
            f"{path} has {len(titles)} columns of numbers; a message carries {MAX_MEASURES} at most"
        )
    return _Layout(time, dimensions, measure_names(titles), decimal_comma)


def _time_columns(lower: list[str]) -> tuple[int, ...]:
    if "timestamp" not in lower and {"date", "time"} <= set(lower):
        return lower.index("date"), lower.index("time")
    return next(((lower.index(name),) for name in TIME_COLUMNS if name in lower), ())


def _is_numeric(column: list[str], decimal_comma: bool) -> bool:
    """Whether most of what is filled in is a number."""
    filled = [text for text in column if not cells.is_nothing(text)]
    return sum(cells.number(text, decimal_comma) is not None for text in filled) * 2 > len(filled)


def _messages(layout: _Layout, rows: list[Row], settings: Settings, problems: list[Problem]) -> list[Message]:
    """The rows as messages in order of time; one that can't be read or repeats another becomes a problem."""
    found: dict[tuple[str, str, int], tuple[int, Message]] = {}
    for row in rows:
        try:
            message = _message(layout, row, settings)
        except ValueError as error:
            problems.append(Problem(row.line, str(error)))
            continue
        key = (message.device_id, message.location, message.time_ms)
        line, _ = found.setdefault(key, (row.line, message))
        if line != row.line:
            problems.append(Problem(row.line, f"has the device, location and time of line {line}"))
    return sorted((message for _, message in found.values()), key=lambda message: message.time_ms)


def _message(layout: _Layout, row: Row, settings: Settings) -> Message:
    """A row as a message; ValueError says what is wrong with it."""
    time = cells.time_ms(" ".join(row.fields[index] for index in layout.time), settings.time_format)
    values = {
        name: _value(row.fields[index], name, layout.decimal_comma)
        for index, name in layout.measures.items()
        if not cells.is_nothing(row.fields[index])
    }
    if not values:
        raise ValueError("has no reading")
    device_id, location = (_dimension(layout, row, name, settings) for name in DIMENSION_COLUMNS)
    return Message(device_id, location, time, values)


def _value(text: str, name: str, decimal_comma: bool) -> float:
    value = cells.number(text, decimal_comma)
    if value is None:
        raise ValueError(f"{name} is not a number: {cells.shortened(text)}")
    return value


def _dimension(layout: _Layout, row: Row, name: str, settings: Settings) -> str:
    if name not in layout.dimensions:
        return str(getattr(settings, name))
    value = row.fields[layout.dimensions[name]].strip()
    if not value:
        raise ValueError(f"{name} is empty")
    if len(value.encode()) > MAX_DIMENSION:
        raise ValueError(f"{name} is longer than {MAX_DIMENSION:,} bytes")
    return value
