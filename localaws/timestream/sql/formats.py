# SPDX-License-Identifier: MIT
"""Patterns of dates, in MySQL's and Joda's notation, put into strftime's.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/date-time-functions.html
"""

from __future__ import annotations

import re

BELOW_MICROSECONDS = "\x1f"
"""Stands for the three digits below microseconds: DuckDB 2.0 puts stray bytes after a %n not at the end."""

_MYSQL = {
    "%Y": "%Y", "%y": "%y", "%M": "%B", "%b": "%b", "%m": "%m", "%c": "%-m", "%d": "%d", "%e": "%-d",
    "%j": "%j", "%v": "%V", "%W": "%A", "%a": "%a", "%H": "%H", "%k": "%-H", "%h": "%I", "%I": "%I",
    "%l": "%-I", "%i": "%M", "%S": "%S", "%s": "%S", "%f": "%f", "%p": "%p",
    "%r": "%I:%M:%S %p", "%T": "%H:%M:%S", "%%": "%%",
}  # fmt: skip

_JODA = {
    "yyyy": "%Y", "YYYY": "%Y", "yy": "%y", "y": "%Y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m",
    "dd": "%d", "d": "%-d", "DDD": "%j", "D": "%-j", "xxxx": "%G", "ww": "%V", "e": "%u",
    "EEEE": "%A", "EEE": "%a", "E": "%a", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "a": "%p",
    "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S",
    "SSS": "%g", "SSSSSS": "%f", "SSSSSSSSS": "%f" + BELOW_MICROSECONDS,
    "Z": "+0000", "ZZ": "+00:00", "ZZZ": "UTC", "z": "UTC",
}  # fmt: skip


def mysql(pattern: str) -> str:
    """The pattern of date_format and date_parse. ValueError: strftime has no such field."""
    return re.sub(r"%.", lambda found: _known(_MYSQL, found[0]), pattern)


def joda(pattern: str) -> str:
    """The pattern of format_datetime and parse_datetime. ValueError: strftime has no such field."""
    parts = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|%")
    return parts.sub(lambda found: _known(_JODA, found[0]) if found[2] else _literal(found), pattern)


def _literal(found: re.Match[str]) -> str:
    """`'T'` is T, `''` an apostrophe, `%` itself."""
    text = found[0] if found[1] is None else found[1].replace("''", "'") or "'"
    return text.replace("%", "%%")


def _known(table: dict[str, str], key: str) -> str:
    if key not in table:
        raise ValueError(f"Invalid format: {key} is not supported")
    return table[key]
