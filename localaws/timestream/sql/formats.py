# SPDX-License-Identifier: MIT
"""Patterns of dates in MySQL's and Joda's notation, put into plans that macros of `library.time` carry out.

A plan to write a time is a pattern of strftime's, SEPARATOR, and the number of digits of the fraction of a
second, which stands in the pattern as FRACTION. A plan to read one is a regular expression, SEPARATOR, and a
rewriting of what it finds to the fields in the order of `_FIELDS`, with a comma between them.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/date-time-functions.html, which points to
https://trino.io/docs/current/functions/datetime.html#mysql-date-functions and Joda-Time's DateTimeFormat, and
whose examples have Java's letters u and L too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SEPARATOR = "\x02"
FRACTION = "\x1f"

_FIELDS = {
    "year": "1970", "month": "1", "day": "1", "hour": "0", "half": "", "minute": "0", "second": "0",
    "fraction": "", "zone": "", "day_of_year": "",
}  # fmt: skip
"""The fields of a time, with what stands for one that a pattern has not."""

_MOST_GROUPS = 9
"""A rewriting of the engine's can name so many."""


@dataclass(frozen=True)
class Part:
    """A part of a pattern.

    :ivar written: what strftime has for it; "": it cannot be written.
    :ivar read: the regular expression of its text; "": it cannot be read.
    :ivar field: the field it holds; "": it says nothing that counts.
    :ivar prefix: put before its text.
    :ivar digits: how many digits a fraction of a second has when written.
    """

    written: str
    read: str
    field: str = ""
    prefix: str = ""
    digits: int = 0


_TWO = r"\d{1,2}"
_NAME = "[A-Za-z]{3,9}"
_ZONE = r"Z|[+-]\d\d:?\d\d|[A-Za-z][A-Za-z0-9/_+-]*"
_YEAR = Part("%Y", r"\d{4}", "year")
_MONTH = Part("%m", "0?[1-9]|1[0-2]", "month")
_DAY = Part("%d", "0?[1-9]|[12][0-9]|3[01]", "day")
_DAY_OF_YEAR = Part("%j", r"\d{1,3}", "day_of_year")
_HOUR = Part("%H", "[01]?[0-9]|2[0-3]", "hour")
_HOUR_OF_HALF = Part("%I", "0?[1-9]|1[0-2]", "hour")
_HALF = Part("%p", "[AaPp][Mm]", "half")
_MINUTE = Part("%M", "[0-5]?[0-9]", "minute")
_SECOND = Part("%S", "[0-5]?[0-9]", "second")


def _bare(part: Part) -> Part:
    """The part, written without leading zeros."""
    return Part(part.written.replace("%", "%-"), part.read, part.field)


def _fraction(digits: int, most: int) -> Part:
    return Part(FRACTION, rf"\d{{1,{most}}}", "fraction", digits=digits)


_MYSQL = {
    "%Y": [_YEAR], "%y": [Part("%y", r"\d\d", "year", prefix="~")], "%m": [_MONTH], "%c": [_bare(_MONTH)],
    "%M": [Part("%B", _NAME, "month")], "%b": [Part("%b", _NAME, "month")], "%d": [_DAY], "%e": [_bare(_DAY)],
    "%j": [_DAY_OF_YEAR], "%v": [Part("%V", "")], "%x": [Part("%G", "")],
    "%W": [Part("%A", _NAME)], "%a": [Part("%a", _NAME)],
    "%H": [_HOUR], "%k": [_bare(_HOUR)], "%h": [_HOUR_OF_HALF], "%I": [_HOUR_OF_HALF],
    "%l": [_bare(_HOUR_OF_HALF)], "%i": [_MINUTE], "%S": [_SECOND], "%s": [_SECOND], "%f": [_fraction(6, 9)],
    "%p": [_HALF], "%%": [Part("%%", "%")],
    "%r": [_HOUR_OF_HALF, Part(":", ":"), _MINUTE, Part(":", ":"), _SECOND, Part(" ", " "), _HALF],
    "%T": [_HOUR, Part(":", ":"), _MINUTE, Part(":", ":"), _SECOND],
}  # fmt: skip

_NUMBERS = {
    "M": _MONTH, "L": _MONTH, "d": _DAY, "D": _DAY_OF_YEAR, "H": _HOUR, "h": _HOUR_OF_HALF, "m": _MINUTE,
    "s": _SECOND, "w": Part("%V", ""), "e": Part("%u", ""),
}  # fmt: skip


def written_mysql(pattern: str) -> str:
    """The plan of date_format. ValueError: it has a part that Timestream has not."""
    return _to_write(_mysql(pattern))


def read_mysql(pattern: str) -> str:
    """The plan of date_parse."""
    return _to_read(_mysql(pattern))


def written_joda(pattern: str) -> str:
    """The plan of format_datetime."""
    return _to_write(_joda(pattern))


def read_joda(pattern: str) -> str:
    """The plan of parse_datetime."""
    return _to_read(_joda(pattern))


def _mysql(pattern: str) -> Iterator[Part]:
    for specifier, letter in re.findall(r"(%.)|(.)", pattern, re.DOTALL):
        if letter:
            yield _literal(letter)
        elif specifier in _MYSQL:
            yield from _MYSQL[specifier]
        elif specifier in {"%D", "%U", "%u", "%V", "%w", "%X"}:
            raise ValueError(f"{specifier} not supported in date format string")
        else:
            yield _literal(specifier[1])


def _joda(pattern: str) -> Iterator[Part]:
    for quoted, letters, _, other in re.findall(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|(.)", pattern, re.DOTALL):
        if letters:
            yield _lettered(letters[0], len(letters))
        elif other == "'":
            raise ValueError(f"Invalid format: {pattern}")
        else:
            yield _literal(other or quoted.replace("''", "'") or "'")


def _lettered(letter: str, count: int) -> Part:
    if letter in "yYu":
        return Part("%y", r"\d\d", "year", prefix="20") if count == 2 else _YEAR
    if letter in "ML" and count >= 3:
        return Part("%b" if count == 3 else "%B", _NAME, "month")
    if letter in _NUMBERS:
        return _NUMBERS[letter] if count > 1 or letter == "e" else _bare(_NUMBERS[letter])
    if letter == "S":
        return _fraction(count, count)
    if make := _OTHERS.get(letter):
        return make(count)
    raise ValueError(f"Invalid format: {letter * count} is not supported")


_OTHERS: dict[str, Callable[[int], Part]] = {
    "a": lambda _: _HALF,
    "x": lambda _: Part("%G", ""),
    "E": lambda count: Part("%a" if count <= 3 else "%A", _NAME),
    "z": lambda count: Part("UTC" if count <= 3 else "Coordinated Universal Time", _ZONE, "zone"),
    "Z": lambda count: Part({1: "+0000", 2: "+00:00"}.get(count, "UTC"), _ZONE, "zone"),
    "G": lambda _: Part("AD", "AD"),
}


def _literal(text: str) -> Part:
    return Part(text.replace("%", "%%"), re.escape(text))


def _to_write(parts: Iterator[Part]) -> str:
    known = list(parts)
    digits = {part.digits for part in known if part.digits}
    if len(digits) > 1:
        raise ValueError("Invalid format: one fraction of a second is all that is supported")
    return "".join(part.written for part in known) + SEPARATOR + "".join(map(str, digits))


def _to_read(parts: Iterator[Part]) -> str:
    expression, found, groups = "", dict(_FIELDS), 0
    for part in parts:
        if not part.read:
            raise ValueError(f"Invalid format: {part.written} cannot be parsed")
        if part.field:
            groups += 1
            found[part.field] = f"{part.prefix}\\{groups}"
        expression += f"({part.read})" if part.field else part.read
    if groups > _MOST_GROUPS:
        raise ValueError(f"Invalid format: more than {_MOST_GROUPS} fields are not supported")
    return f"^(?:{expression})$" + SEPARATOR + ",".join(found.values())
