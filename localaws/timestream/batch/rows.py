# SPDX-License-Identifier: MIT
"""CSV files read row by row as their bytes come, in bounded memory, whatever they hold.

A row that can't be read is one row with its problem; those after it are read on. (What follows an opening
quote that is never closed is one row, up to the size that a row may have.)

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/batch-load-preparing-data-file.html and
https://docs.aws.amazon.com/timestream/latest/developerguide/ts-limits.html#limits.batch-load
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localaws.errors import ValidationException

ROW_BYTES = 16 * 1024 * 1024
TOO_LONG = "A row can't have more than 16 MB."
NOT_UTF8 = "The row is not UTF-8."

SEPARATORS = (",", "|", ";", "\t", " ")
QUOTES = ('"', "'")

csv.field_size_limit(ROW_BYTES)

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file, or what is wrong with it."""

    values: list[str]
    problem: str | None
    first: int
    """The lines that it spans, from 1."""
    last: int
    end: int
    """The place of the byte after it."""


class Format:
    """How a file is written.

    :param configuration: a CsvConfiguration.
    :raises ValidationException: a character isn't one of those that AWS allows.
    """

    def __init__(self, configuration: Document) -> None:
        separator, quote = configuration.get("ColumnSeparator", ","), configuration.get("QuoteChar", '"')
        escape = configuration.get("EscapeChar")
        if separator not in SEPARATORS:
            raise ValidationException("ColumnSeparator must be a comma, pipe, semicolon, tab or blank.")
        if quote not in QUOTES:
            raise ValidationException("QuoteChar must be a single or a double quote.")
        if escape is not None and (escape == separator or escape.isspace()):
            raise ValidationException("EscapeChar can't be the ColumnSeparator, a blank or a line break.")
        self._null = configuration.get("NullValue", "")
        self._trim = configuration.get("TrimWhiteSpace", False)
        self._dialect = {
            "delimiter": separator,
            "quotechar": quote,
            "escapechar": None if escape == quote else escape,
            "skipinitialspace": self._trim and separator != " ",
            # Blanks after a closing quote are broken quoting unless they are to be trimmed
            "strict": not self._trim,
        }

    def rows(self, chunks: Iterator[bytes], line: int = 0, offset: int = 0) -> Iterator[Row]:
        """The rows of a file that are not empty.

        :param chunks: its bytes, from `offset` on, where `line` lines are done.
        """
        lines = _Lines(chunks, line, offset)
        reader = csv.reader(lines, **self._dialect)
        while True:
            lines.begin_row()
            first, values, problem = lines.number + 1, [], None
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                problem = TOO_LONG if lines.row_bytes > ROW_BYTES else f"The row is not valid CSV: {error}."
            if not lines.decoded:
                problem = NOT_UTF8
            if values or problem:
                yield Row(self._trimmed(values), problem, first, lines.number, lines.offset)

    def value(self, text: str) -> str | None:
        """What a text stands for: None if it is the null value, or empty."""
        return None if not text or text == self._null else text

    def _trimmed(self, values: list[str]) -> list[str]:
        return [value.strip() for value in values] if self._trim else values


class _Lines:
    """The lines of a stream of bytes. Unlike a generator it goes on after it has raised."""

    def __init__(self, chunks: Iterator[bytes], number: int, offset: int) -> None:
        self._chunks = chunks
        self._chunk = b""
        self._place = 0
        self.number = number
        self.offset = offset
        self.begin_row()

    def begin_row(self) -> None:
        """Count from here what the row has."""
        self.row_bytes = 0
        self.decoded = True

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._line()
        self.number += 1
        if self.row_bytes > ROW_BYTES:
            raise csv.Error(TOO_LONG)
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.decoded = False
            return line.decode(errors="replace")

    def _line(self) -> bytes:
        """A line with its end; of one that is too long, its beginning."""
        parts: list[bytes] = []
        while not parts or not parts[-1].endswith(b"\n"):
            if self._place == len(self._chunk):
                self._chunk, self._place = next(self._chunks, b""), 0
                if not self._chunk:
                    break
            end = self._chunk.find(b"\n", self._place) + 1 or len(self._chunk)
            part = self._chunk[self._place : end]
            self._place = end
            self.offset += len(part)
            self.row_bytes += len(part)
            if self.row_bytes > ROW_BYTES:
                parts.clear()
            parts.append(part)
        if not parts:
            raise StopIteration
        return b"".join(parts)
