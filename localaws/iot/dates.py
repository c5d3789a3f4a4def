# SPDX-License-Identifier: MIT
"""The date patterns of parse_time() (Joda-Time) and time_to_epoch() (java.time), their usual letters.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html#iot-sql-function-parse-time
and #iot-sql-function-time-to-epoch
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN = re.compile(r"'(?P<quoted>([^']|'')*)'|(?P<letters>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<other>.)")
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?")

_MONTHS, _DAYS = list(calendar.month_name), list(calendar.day_name)


def format_time(pattern: str, epoch_ms: int, zone: str) -> str:
    """A time in milliseconds since 1970 as a pattern and a time zone put it.

    :raises ValueError: for a pattern, a zone or a year that it does not know.
    """
    try:
        moment = (_EPOCH + timedelta(milliseconds=epoch_ms)).astimezone(time_zone(zone))
    except OverflowError as error:
        raise ValueError(f"{epoch_ms} is outside the years 1 to 9999") from error
    return "".join(
        _formatter(token)(moment, len(token)) if is_field else token for is_field, token in _tokens(pattern)
    )


def parse_time(text: str, pattern: str) -> int:
    """The time that a text gives in a pattern, in milliseconds since 1970; UTC unless it names a zone.

    :raises ValueError: if the text does not fit the pattern, or the pattern does not give a whole date.
    """
    match = re.fullmatch(regular_expression(pattern), text)
    if not match:
        raise ValueError(f"{text!r} is not of the form {pattern!r}")
    moment = _moment({name[0]: found for name, found in match.groupdict().items()})
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def time_zone(name: str) -> tzinfo:
    """The zone of a name (Europe/Paris), an abbreviation of UTC or an offset (+01:00, UTC+01:00).

    :raises ValueError: if there is no such zone.
    """
    if name in ("UTC", "GMT", "UT", "Z"):
        return UTC
    if offset := _OFFSET.fullmatch(name):
        distance = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return timezone(-distance if offset["sign"] == "-" else distance)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error


def regular_expression(pattern: str) -> str:
    """The regular expression of a pattern of time_to_epoch(), a group a field, named after its letter.

    :raises ValueError: for a letter that it does not know.
    """
    return "".join(
        _field_parser(token, position) if is_field else re.escape(token)
        for position, (is_field, token) in enumerate(_tokens(pattern))
    )


def check_format(pattern: str) -> None:
    """Check a pattern of parse_time().

    :raises ValueError: for a letter that it does not know.
    """
    for is_field, token in _tokens(pattern):
        if is_field:
            _formatter(token)


def _tokens(pattern: str) -> Iterator[tuple[bool, str]]:
    """A pattern's parts: (True, the run of one letter) or (False, text that stands for itself)."""
    for token in _TOKEN.finditer(pattern):
        if token["letters"]:
            yield True, token["letters"]
        elif token["other"]:
            if token["other"] in "[]{}#'":
                raise ValueError(f"{token['other']!r} in the pattern {pattern!r} is not supported here")
            yield False, token["other"]
        else:
            yield False, token["quoted"].replace("''", "'") or "'"


_Formatter = Callable[[datetime, int], str]


def _number(value: Callable[[datetime], int]) -> _Formatter:
    return lambda moment, width: str(value(moment)).zfill(width)


def _offset(moment: datetime, width: int) -> str:
    offset = moment.strftime("%z")
    return str(moment.tzinfo) if width > 2 else offset[:3] + ":" * (width - 1) + offset[3:]


_FORMATTERS: dict[str, _Formatter] = {
    "y": lambda moment, width: f"{moment.year % 100:02}" if width == 2 else str(moment.year).zfill(width),
    "M": lambda moment, width: _named(_MONTHS, moment.month, width),
    "E": lambda moment, width: _DAYS[moment.weekday()][: None if width > 3 else 3],
    "d": _number(lambda moment: moment.day),
    "D": _number(lambda moment: moment.timetuple().tm_yday),
    "H": _number(lambda moment: moment.hour),
    "h": _number(lambda moment: moment.hour % 12 or 12),
    "m": _number(lambda moment: moment.minute),
    "s": _number(lambda moment: moment.second),
    "S": lambda moment, width: f"{moment.microsecond:06}".ljust(width, "0")[:width],
    "a": lambda moment, _: "AM" if moment.hour < 12 else "PM",
    "G": lambda _, __: "AD",
    "z": lambda moment, _: moment.tzname() or "",
    "Z": _offset,
}
_FORMATTERS["Y"] = _FORMATTERS["u"] = _FORMATTERS["y"]


def _named(names: list[str], number: int, width: int) -> str:
    return str(number).zfill(width) if width < 3 else names[number][: 3 if width == 3 else None]


def _formatter(letters: str) -> _Formatter:
    try:
        return _FORMATTERS[letters[0]]
    except KeyError:
        raise ValueError(f"parse_time() does not know the pattern letter {letters[0]!r} here") from None


def _field_parser(letters: str, position: int) -> str:
    letter, width = letters[0], len(letters)
    if letter not in _PARSERS:
        raise ValueError(f"time_to_epoch() does not know the pattern letter {letter!r} here")
    return f"(?P<{letter}{position}>{_PARSERS[letter](width)})"


def _digits(width: int) -> str:
    return r"\d{1,2}" if width == 1 else r"\d{2}"


def _names(names: list[str], width: int) -> str:
    return "|".join(name[: 3 if width == 3 else None] for name in names if name)


_PARSERS: dict[str, Callable[[int], str]] = {
    "y": lambda width: r"\d{2}" if width == 2 else r"\d{4}",
    "M": lambda width: _digits(width) if width < 3 else _names(_MONTHS, width),
    "E": lambda width: _names(_DAYS, max(width, 3)),
    "S": lambda width: rf"\d{{{width}}}",
    "a": lambda _: "AM|PM",
    "z": lambda _: r"\S+",
    "X": lambda width: r"Z|[+-]\d\d:\d\d" if width == 3 else r"Z|[+-]\d\d(?:\d\d)?",
    **dict.fromkeys("dHhms", _digits),
}
_PARSERS |= {"u": _PARSERS["y"], "V": _PARSERS["z"], "Z": _PARSERS["X"], "x": _PARSERS["X"]}


def _moment(fields: dict[str, str]) -> datetime:
    """A moment from its fields, by their letters; the time of day may be missing, the date may not."""
    year = fields.get("y") or fields.get("u")
    if not year or "M" not in fields or "d" not in fields:
        raise ValueError("a pattern needs a year, a month and a day")
    hour = int(fields.get("H", 0))
    if "h" in fields:
        hour = int(fields["h"]) % 12 + (12 if fields.get("a") == "PM" else 0)
    return datetime(
        int(year) + (2000 if len(year) == 2 else 0),
        _month(fields["M"]),
        int(fields["d"]),
        hour,
        int(fields.get("m", 0)),
        int(fields.get("s", 0)),
        int(fields.get("S", "0").ljust(6, "0")[:6]),
        tzinfo=time_zone(next((fields[letter] for letter in "VzXxZ" if letter in fields), "UTC")),
    )


def _month(text: str) -> int:
    return int(text) if text.isdigit() else next(i for i, name in enumerate(_MONTHS) if name[:3] == text[:3])
