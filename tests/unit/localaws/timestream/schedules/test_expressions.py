# SPDX-License-Identifier: MIT
"""Schedule expressions: AWS's own examples, and cron against a definition that tries minute after minute."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.errors import ValidationException
from localaws.timestream.schedules.expressions import MONTHS, WEEKDAYS, parse

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)  # a Thursday


def due(expression: str, count: int, since: datetime = NEW_YEAR, created: datetime = NEW_YEAR) -> list[str]:
    """The first times after one."""
    schedule, moment, times = parse(expression), since.timestamp(), []
    for _ in range(count):
        following = schedule.after(moment, int(created.timestamp()))
        if following is None:
            break
        assert following > moment
        moment = following
        times.append(datetime.fromtimestamp(moment, UTC).strftime("%a %Y-%m-%d %H:%M:%S"))
    return times


@pytest.mark.parametrize(
    ("fields", "times"),
    [
        # the examples of the page
        ("0 10 * * ? *", ["Thu 2026-01-01 10:00:00", "Fri 2026-01-02 10:00:00"]),
        ("15 12 * * ? *", ["Thu 2026-01-01 12:15:00", "Fri 2026-01-02 12:15:00"]),
        (
            "0 18 ? * MON-FRI *",
            ["Thu 2026-01-01 18:00:00", "Fri 2026-01-02 18:00:00", "Mon 2026-01-05 18:00:00"],
        ),
        ("0 8 1 * ? *", ["Thu 2026-01-01 08:00:00", "Sun 2026-02-01 08:00:00"]),
        ("0/15 * * * ? *", ["Thu 2026-01-01 00:15:00", "Thu 2026-01-01 00:30:00", "Thu 2026-01-01 00:45:00"]),
        ("0/10 * ? * MON-FRI *", ["Thu 2026-01-01 00:10:00", "Thu 2026-01-01 00:20:00"]),
        ("0/5 8-17 ? * MON-FRI *", ["Thu 2026-01-01 08:00:00", "Thu 2026-01-01 08:05:00"]),
        ("0/30 20-2 ? * MON-FRI *", ["Thu 2026-01-01 00:30:00", "Thu 2026-01-01 01:00:00"]),
        # what the page says of the wildcards
        ("0 0 1 JAN,FEB,MAR ? *", ["Sun 2026-02-01 00:00:00", "Sun 2026-03-01 00:00:00"]),
        ("1/10 * * * ? *", ["Thu 2026-01-01 00:01:00", "Thu 2026-01-01 00:11:00", "Thu 2026-01-01 00:21:00"]),
        ("0 0 L * ? *", ["Sat 2026-01-31 00:00:00", "Sat 2026-02-28 00:00:00", "Tue 2026-03-31 00:00:00"]),
        ("0 0 ? * L *", ["Sat 2026-01-03 00:00:00", "Sat 2026-01-10 00:00:00"]),
        ("0 0 3W * ? *", ["Fri 2026-01-02 00:00:00", "Tue 2026-02-03 00:00:00", "Tue 2026-03-03 00:00:00"]),
        ("0 0 ? * 3#2 *", ["Tue 2026-01-13 00:00:00", "Tue 2026-02-10 00:00:00"]),
        # of the guide's page of concepts
        ("0/5 * * * ? *", ["Thu 2026-01-01 00:05:00", "Thu 2026-01-01 00:10:00"]),
        # the last weekday, the last Friday, a weekday that may not leave the month, a rare date
        ("0 0 LW * ? *", ["Fri 2026-01-30 00:00:00", "Fri 2026-02-27 00:00:00"]),
        ("0 0 ? * 6L *", ["Fri 2026-01-30 00:00:00", "Fri 2026-02-27 00:00:00"]),
        ("0 0 1W 8 ? *", ["Mon 2026-08-03 00:00:00", "Mon 2027-08-02 00:00:00"]),
        ("0 0 31W * ? *", ["Fri 2026-01-30 00:00:00", "Tue 2026-03-31 00:00:00"]),
        ("0 0 29 2 ? *", ["Tue 2028-02-29 00:00:00", "Sun 2032-02-29 00:00:00"]),
        ("0 0 29 2 ? 2097-2199", ["Fri 2104-02-29 00:00:00"]),
        # years
        ("0 6 1 1 ? 2025,2028/2", ["Sat 2028-01-01 06:00:00", "Tue 2030-01-01 06:00:00"]),
        ("0 0 31 12 ? 2026-2027", ["Thu 2026-12-31 00:00:00", "Fri 2027-12-31 00:00:00"]),
    ],
)  # fmt: skip
def test_cron(fields: str, times: list[str]) -> None:
    assert due(f"cron({fields})", len(times)) == times


@pytest.mark.parametrize("fields", ["0 0 1 1 ? 2026", "0 0 31 2 ? *", "0 0 * * ? 1999"])
def test_a_cron_that_never_comes(fields: str) -> None:
    assert due(f"cron({fields})", 1) == []


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("rate(1 minute)", ["Thu 2026-01-01 00:01:30", "Thu 2026-01-01 00:02:30"]),
        ("rate(10 minutes)", ["Thu 2026-01-01 00:10:30", "Thu 2026-01-01 00:20:30"]),
        ("rate(1 hour)", ["Thu 2026-01-01 01:00:30", "Thu 2026-01-01 02:00:30"]),
        ("rate(7 days)", ["Thu 2026-01-08 00:00:30", "Thu 2026-01-15 00:00:30"]),
    ],
)
def test_a_rate_counts_from_its_creation(expression: str, times: list[str]) -> None:
    created = NEW_YEAR + timedelta(seconds=30)
    assert due(expression, len(times), since=created, created=created) == times
    assert due(expression, len(times), created=created) == times


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "hourly",
        "rate()",
        "rate(0 minutes)",
        "rate(-1 minutes)",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(5 seconds)",
        "rate(1.5 hours)",
        "cron()",
        "cron(* * * * ?)",
        "cron(0 0 * * ? * *)",
        "cron(0 0 * * * *)",
        "cron(0 0 1 * MON *)",
        "cron(0 0 ? * ? *)",
        "cron(60 0 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 0 0 * ? *)",
        "cron(0 0 32 * ? *)",
        "cron(0 0 * 13 ? *)",
        "cron(0 0 * FOO ? *)",
        "cron(0 0 ? * 0 *)",
        "cron(0 0 ? * 8 *)",
        "cron(0 0 ? * 2/2 *)",
        "cron(0 0 ? * 3#6 *)",
        "cron(0 0 ? * 3#1,6#3 *)",
        "cron(0 0 ? * 1W *)",
        "cron(0 0 1W,15W * ? *)",
        "cron(0 0 32W * ? *)",
        "cron(0 0 * * ? 1969)",
        "cron(0 0 * * ? 2200)",
        "cron(0 0 * * ? 2030-2026)",
        "cron(0/0 * * * ? *)",
        "cron(5- * * * ? *)",
        "cron(, * * * ? *)",
        "cron(? * * * ? *)",
        "cron(L * * * ? *)",
    ],
)
def test_what_is_no_expression(expression: str) -> None:
    with pytest.raises(ValidationException, match="Invalid ScheduleExpression"):
        parse(expression)


def test_names_may_be_in_lower_case() -> None:
    assert due("cron(0 0 ? feb mon *)", 1) == ["Mon 2026-02-02 00:00:00"]


# A definition of cron: try each minute


def numbers(
    low: int, high: int, names: tuple[str, ...] = (), steps: bool = True
) -> st.SearchStrategy[tuple[str, set[int]]]:
    """A field's text and the values that it stands for."""

    def shown(value: int) -> str:
        return names[value - low] if names else str(value)

    value = st.integers(low, high)
    whole = set(range(low, high + 1))
    single = value.map(lambda each: (shown(each), {each}))
    ranges = st.tuples(value, value).map(
        lambda pair: (
            f"{shown(pair[0])}-{shown(pair[1])}",
            {each for each in whole if pair[0] <= each <= pair[1]}
            if pair[0] <= pair[1]
            else {each for each in whole if each >= pair[0] or each <= pair[1]},
        )
    )
    stepped = st.tuples(value, st.integers(1, high)).map(
        lambda pair: (
            f"{pair[0]}/{pair[1]}",
            {each for each in whole if each >= pair[0] and (each - pair[0]) % pair[1] == 0},
        )
    )
    term = st.one_of(single, ranges, stepped) if steps else st.one_of(single, ranges)
    several = st.lists(term, min_size=1, max_size=3).map(
        lambda terms: (",".join(text for text, _ in terms), set().union(*(values for _, values in terms)))
    )
    return st.one_of(st.just(("*", whole)), several)


def weekday(day: datetime) -> int:
    return day.isoweekday() % 7 + 1


def month_of(day: datetime) -> list[datetime]:
    length = calendar.monthrange(day.year, day.month)[1]
    return [day.replace(day=number) for number in range(1, length + 1)]


def matches(day: datetime, by_day: str, by_weekday: str, plain: set[int]) -> bool:
    if by_day == "L":
        return (day + timedelta(days=1)).day == 1
    if by_day.endswith("W"):
        working = [each for each in month_of(day) if weekday(each) in range(2, 7)]
        if by_day == "LW":
            return day == working[-1]
        wanted = int(by_day[:-1])
        if wanted > len(month_of(day)):
            return False
        nearest = min(abs(each.day - wanted) for each in working)
        return day in working and abs(day.day - wanted) == nearest
    if by_day != "?":
        return day.day in plain
    if by_weekday.endswith("L"):
        return weekday(day) == int(by_weekday[:-1] or 7) and (
            by_weekday == "L" or (day + timedelta(days=7)).month != day.month
        )
    if "#" in by_weekday:
        number, place = map(int, by_weekday.split("#"))
        return weekday(day) == number and (day.day - 1) // 7 + 1 == place
    return weekday(day) in plain


by_day = st.one_of(
    numbers(1, 31),
    st.sampled_from(["L", "LW"]).map(lambda text: (text, set())),
    st.integers(1, 31).map(lambda day: (f"{day}W", set())),
).map(lambda field: (field[0], "?", field[1]))
by_weekday = st.one_of(
    numbers(1, 7, WEEKDAYS, steps=False),
    st.just(("L", set())),
    st.integers(1, 7).map(lambda day: (f"{day}L", set())),
    st.tuples(st.integers(1, 7), st.integers(1, 5)).map(lambda pair: (f"{pair[0]}#{pair[1]}", set())),
).map(lambda field: ("?", field[0], field[1]))


@given(
    minute=numbers(0, 59),
    hour=numbers(0, 23),
    days=st.one_of(by_day, by_weekday),
    month=numbers(1, 12, MONTHS, steps=False),
    since=st.datetimes(datetime(1999, 12, 1), datetime(2101, 1, 1)).map(
        lambda time: time.replace(tzinfo=UTC)
    ),
)
def test_cron_is_what_trying_each_minute_finds(
    minute: tuple[str, set[int]],
    hour: tuple[str, set[int]],
    days: tuple[str, str, set[int]],
    month: tuple[str, set[int]],
    since: datetime,
) -> None:
    day_field, weekday_field, plain = days
    found = parse(f"cron({minute[0]} {hour[0]} {day_field} {month[0]} {weekday_field} *)").after(
        since.timestamp(), 0
    )
    first = since.replace(second=0, microsecond=0) + timedelta(minutes=1)
    day = first.replace(hour=0, minute=0)
    while day.year < first.year + 2:
        if day.month in month[1] and matches(day, day_field, weekday_field, plain):
            times = (day + timedelta(hours=h, minutes=m) for h in sorted(hour[1]) for m in sorted(minute[1]))
            if expected := next((time for time in times if time >= first), None):
                assert found == expected.timestamp()
                return
        day += timedelta(days=1)
    assert found is None or found >= day.timestamp()
