# SPDX-License-Identifier: MIT
"""A CSV file as a table of texts: header, rows with their line numbers, and the lines that fit in neither.

Each line stands for itself, so that one with a stray quotation mark costs no other. The delimiter is the one
that parts the header into most fields.
"""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MAX_LINE = 64 * 1024  # characters
DELIMITERS = ",;\t|"


class CsvError(Exception):
    """The file as a whole can't be used; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that was not read, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of a line, as many as the header has."""

    line: int
    fields: list[str]


@dataclass(frozen=True)
class Table:
    """A file's contents."""

    header: list[str]
    delimiter: str
    rows: list[Row]
    problems: list[Problem]


def read(path: Path) -> Table:
    """Read a file; CsvError if it can't be opened, is not text, or has no header."""
    lines = ((number, line) for number, line in _lines(path) if line.strip())
    _, first = next(lines, (0, ""))
    if not first:
        raise CsvError(f"{path} is empty")
    delimiter = max(DELIMITERS, key=lambda candidate: len(_fields(first, candidate) or ()))
    header = _fields(first, delimiter)
    if header is None:
        raise CsvError(
            f"the header of {path} has an open quotation mark or is longer than {MAX_LINE:,} characters"
        )
    rows = [(number, _fields(line, delimiter)) for number, line in lines]
    return _fitted([name.strip() for name in header], delimiter, rows)


def _fitted(header: list[str], delimiter: str, rows: list[tuple[int, list[str] | None]]) -> Table:
    """Rows as wide as the header. If most have one field more, R wrote them: their number comes first."""
    widths = Counter(len(fields) for _, fields in rows if fields)
    numbered = widths[len(header) + 1] > widths[len(header)]
    table = Table(header, delimiter, [], [])
    for line, fields in rows:
        if fields is None:
            table.problems.append(
                Problem(line, f"a quotation mark is astray, or it is over {MAX_LINE:,} characters")
            )
        elif len(fields) != len(header) + numbered:
            table.problems.append(Problem(line, f"fields: {len(fields)}, not {len(header) + numbered}"))
        else:
            table.rows.append(Row(line, fields[int(numbered) :]))
    return table


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file, numbered. One too long comes cut, and so just longer than MAX_LINE."""
    try:
        with path.open("rb") as raw:
            encoding = _encoding(raw)
        with path.open(encoding=encoding) as text:
            number = 0
            while line := text.readline(MAX_LINE + 1):
                number += 1
                if "\0" in line:
                    raise CsvError(f"{path} is not a text file: line {number} has a zero byte")
                yield number, line
                while len(line) > MAX_LINE and not line.endswith("\n"):
                    line = text.readline(MAX_LINE + 1)
    except UnicodeError as error:
        raise CsvError(f"{path} is not a text file: {error}") from error
    except OSError as error:
        raise CsvError(f"{path} can't be read: {error.strerror}") from error


def _encoding(file: IO[bytes]) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else Latin-1, in which older loggers write degrees."""
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        decoder.decode(start)
        while chunk := file.read(1 << 20):
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def _fields(line: str, delimiter: str) -> list[str] | None:
    """The fields of one line, or None if it breaks the format."""
    if len(line) > MAX_LINE:
        return None
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True, skipinitialspace=True), None)
    except csv.Error:
        return None
