# SPDX-License-Identifier: MIT
"""Schedule expressions: when a scheduled query is due, in UTC.

    rate(5 minutes)              from the second of its creation on
    cron(0/15 8-17 ? * MON-FRI *)    minutes, hours, day of month, month, day of week, year

A field of cron is `*`, or values, ranges and steps with commas between; the range of a field that comes
round, such as the hours 20-2, may go past its end. Beside that, a day of the month may be `L`, the last,
`15W`, the weekday nearest to the 15th within the month, or `LW`, the last weekday; a day of the week `L`,
Saturday, `6L`, the month's last Friday, or `3#2`, its second Tuesday. One of the two is `?`.

No library has all of that: of those on PyPI for AWS's cron, one lacks LW and steps of years and misses what
is due once in 8 years, and those for Unix's cron number the days otherwise and have no W and no years.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/scheduledqueries-schedule.html; ranges
that go past the end from .../eventbridge/latest/userguide/eb-cron-expressions.html, which has the same
expressions
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple, Protocol

from localaws.errors import ValidationException

END = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp())
SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
RATE = re.compile(r"rate\((?P<number>[1-9][0-9]*)\s+(?P<unit>minute|hour|day)(?P<plural>s?)\)")
CRON = re.compile(r"cron\((.*)\)")
TERM = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[1-9][0-9]*))?")
NEAREST_WEEKDAY = re.compile(r"([0-9]+)W")
LAST_OF_MONTH = re.compile(r"(\w+)L")
NTH_OF_MONTH = re.compile(r"(\w+)#([1-5])")

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
SATURDAY = 7
WORKING = range(2, 7)

Days = Callable[[int, int], Iterable[int]]
"""The days of a month that are meant, given a year and a month."""


class Schedule(Protocol):
    """When something is due. Times are in seconds since 1970."""

    def after(self, moment: float, created: int) -> int | None:
        """The first time after a moment; None if there is none any more.

        :param created: when the schedule was made.
        """


def parse(expression: str) -> Schedule:
    """The schedule of an expression.

    :raises ValidationException: it isn't one.
    """
    if rate := RATE.fullmatch(expression):
        number = int(rate["number"])
        if (number > 1) == bool(rate["plural"]):
            return Rate(number * SECONDS[rate["unit"]])
    elif cron := CRON.fullmatch(expression):
        with suppress(ValueError):
            return Cron(cron[1].split())
    raise ValidationException(f"Invalid ScheduleExpression: {expression}")


@dataclass(frozen=True)
class Rate:
    """A regular schedule: due each so many seconds, the first time one period after it was made."""

    seconds: int

    def after(self, moment: float, created: int) -> int | None:
        """As Schedule's."""
        periods = int((moment - created) // self.seconds) + 1
        due = created + self.seconds * max(periods, 1)
        return due if due < END else None


class Cron:
    """A cron schedule.

    :param fields: the six.
    :raises ValueError: they are not six, or one is not of its form.
    """

    def __init__(self, fields: list[str]) -> None:
        minutes, hours, days, months, weekdays, years = fields
        if (days == "?") == (weekdays == "?"):
            raise ValueError("either the day of month or the day of week must be ?")
        self._minutes = MINUTES.values(minutes)
        self._hours = HOURS.values(hours)
        self._months = MONTHS_OF_YEAR.values(months)
        self._years = YEARS.values(years)
        self._days = _by_weekday(weekdays) if days == "?" else _by_day(days)

    def after(self, moment: float, _created: int) -> int | None:
        """As Schedule's."""
        first = datetime.fromtimestamp(int(moment // 60 + 1) * 60, UTC)
        for day in self._dates(first.date()):
            for hour in self._hours:
                for minute in self._minutes:
                    due = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                    if due >= first:
                        return int(due.timestamp())
        return None

    def _dates(self, first: date) -> Iterator[date]:
        """The dates from one on."""
        for year in self._years:
            for month in self._months:
                if (year, month) >= (first.year, first.month):
                    length = calendar.monthrange(year, month)[1]
                    days = (date(year, month, day) for day in self._days(year, month) if day <= length)
                    yield from (day for day in days if day >= first)


class Field(NamedTuple):
    """A field of cron: its lowest and highest value, names that stand for values from the lowest on."""

    low: int
    high: int
    names: tuple[str, ...] = ()
    comes_round: bool = True
    steps: bool = True

    def values(self, text: str) -> list[int]:
        """What a text stands for, in order."""
        return sorted({value for term in text.split(",") for value in self._term(term)})

    def value(self, text: str) -> int:
        """A single value."""
        if text.upper() in self.names:
            return self.low + self.names.index(text.upper())
        if not (text.isascii() and text.isdigit() and self.low <= int(text) <= self.high):
            raise ValueError(text)
        return int(text)

    def _term(self, text: str) -> Iterable[int]:
        term = TERM.fullmatch(text)
        if not term or (term["step"] and not self.steps):
            raise ValueError(text)
        first = self.value(term["first"]) if term["first"] else self.low
        if term["last"]:
            last = self.value(term["last"])
        else:
            last = self.high if term["step"] or not term["first"] else first
        if last < first and not self.comes_round:
            raise ValueError(text)
        length = self.high - self.low + 1
        values = range(first, last + 1 if first <= last else last + 1 + length, int(term["step"] or 1))
        return (self.low + (value - self.low) % length for value in values)


MINUTES = Field(0, 59)
HOURS = Field(0, 23)
DAYS = Field(1, 31)
MONTHS_OF_YEAR = Field(1, 12, MONTHS)
DAYS_OF_WEEK = Field(1, 7, WEEKDAYS, steps=False)
YEARS = Field(1970, 2199, comes_round=False)


def _by_day(text: str) -> Days:
    """What a day of month stands for."""
    if text == "L":
        return lambda year, month: [calendar.monthrange(year, month)[1]]
    if text == "LW":
        return lambda year, month: _on(year, month, WORKING)[-1:]
    if nearest := NEAREST_WEEKDAY.fullmatch(text):
        day = DAYS.value(nearest[1])
        return lambda year, month: _nearest(day, year, month)
    days = DAYS.values(text)
    return lambda _year, _month: days


def _by_weekday(text: str) -> Days:
    """What a day of week stands for."""
    if text == "L":
        return lambda year, month: _on(year, month, [SATURDAY])
    if last := LAST_OF_MONTH.fullmatch(text):
        weekday = DAYS_OF_WEEK.value(last[1])
        return lambda year, month: _on(year, month, [weekday])[-1:]
    if nth := NTH_OF_MONTH.fullmatch(text):
        weekday, place = DAYS_OF_WEEK.value(nth[1]), int(nth[2])
        return lambda year, month: _on(year, month, [weekday])[place - 1 : place]
    weekdays = DAYS_OF_WEEK.values(text)
    return lambda year, month: _on(year, month, weekdays)


def _on(year: int, month: int, weekdays: Iterable[int]) -> list[int]:
    """The days of a month that are certain days of the week, Sunday being 1."""
    first, length = calendar.monthrange(year, month)  # there Monday is 0
    return [day for day in range(1, length + 1) if (first + day) % 7 + 1 in weekdays]


def _nearest(day: int, year: int, month: int) -> list[int]:
    """The weekday nearest to a day, within the month; none if the month hasn't got the day."""
    if day > calendar.monthrange(year, month)[1]:
        return []
    return [min(_on(year, month, WORKING), key=lambda weekday: abs(weekday - day))]
