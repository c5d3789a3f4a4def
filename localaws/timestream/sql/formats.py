# SPDX-License-Identifier: MIT
"""Patterns of dates, in MySQL's and Joda's notation, put into strftime's.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/date-time-functions.html (formatting and parsing)
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

_MYSQL = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I", "i": "%M",
    "j": "%j", "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p", "S": "%S", "s": "%S",
    "T": "%H:%M:%S", "v": "%V", "W": "%A", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip

_JODA = {
    "yyyy": "%Y", "YYYY": "%Y", "yy": "%y", "y": "%Y", "xxxx": "%G", "ww": "%V", "e": "%u",
    "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d", "DDD": "%j", "D": "%-j",
    "EEEE": "%A", "EEE": "%a", "E": "%a", "a": "%p", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I",
    "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S", "SSS": "%g", "SSSSSS": "%f", "SSSSSSSSS": "%n",
    "Z": "+0000", "ZZ": "+00:00", "ZZZ": "UTC", "z": "UTC",
}  # fmt: skip


def mysql(pattern: exp.Expression) -> exp.Expression:
    """The pattern of date_format and date_parse."""
    return _translated(pattern, lambda text: re.sub(r"%(.)", lambda m: _known(_MYSQL, m[1], m[0]), text))


def joda(pattern: exp.Expression) -> exp.Expression:
    """The pattern of format_datetime and parse_datetime."""
    parts = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*")
    return _translated(
        pattern,
        lambda text: parts.sub(lambda m: _literal(m[1]) if m[2] is None else _known(_JODA, m[0], m[0]), text),
    )


def _literal(quoted: str) -> str:
    return quoted.replace("''", "'").replace("%", "%%") or "'"


def _known(table: dict[str, str], key: str, written: str) -> str:
    if key not in table:
        raise ValueError(f"Invalid format: {written} is not supported")
    return table[key]


def _translated(pattern: exp.Expression, translate: Callable[[str], str]) -> exp.Expression:
    if not isinstance(pattern, exp.Literal) or not pattern.is_string:
        raise ValueError("A date format must be a literal")
    return exp.Literal.string(translate(pattern.name))
