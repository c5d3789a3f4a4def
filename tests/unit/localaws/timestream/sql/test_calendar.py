# SPDX-License-Identifier: MIT
"""Calendar functions at random times, to the nanosecond, against Python's datetime and pandas."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

Values = Callable[[str], list[tuple[Any, ...]]]
Refusal = Callable[[str], str]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 10**9
SIZES = {
    "second": SECOND,
    "minute": 60 * SECOND,
    "hour": 3600 * SECOND,
    "day": 86400 * SECOND,
    "week": 7 * 86400 * SECOND,
}
MONTHS = {"month": 1, "quarter": 3, "year": 12}

UNITS = [*SIZES, *MONTHS]
OF_DATES = {"day", "week", *MONTHS}

moments = st.integers(-2_208_988_800 * SECOND, 7_258_118_400 * SECOND)  # from 1900 to 2200
dates = st.dates(date(1900, 1, 1), date(2200, 1, 1))
several = st.lists(moments, min_size=1, max_size=15)
clocks = st.integers(0, 86400 * SECOND - 1)


def at(nanoseconds: int) -> datetime:
    """The moment, without what is below a microsecond."""
    return EPOCH + timedelta(microseconds=nanoseconds // 1000)


def text(nanoseconds: int) -> str:
    seconds, fraction = divmod(nanoseconds, SECOND)
    return f"{EPOCH + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}.{fraction:09}"


def clock(nanoseconds: int) -> str:
    return text(nanoseconds % (86400 * SECOND))[11:]


def over(rows: list[str], names: str, select: str) -> str:
    """A query of the expressions over rows, each a literal or several, in their order."""
    listed = ", ".join(f"({i}, {row})" for i, row in enumerate(rows))
    return f"SELECT {select} FROM (VALUES {listed}) AS t(i, {names}) ORDER BY i"


def timestamps(given_moments: list[int]) -> list[str]:
    return [f"TIMESTAMP '{text(moment)}'" for moment in given_moments]


def nanoseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


FIELDS = [
    "year", "month", "day", "quarter", "week", "yow", "dow", "doy",
    "hour", "minute", "second", "millisecond", "nanosecond",
]  # fmt: skip


def fields(moment: int) -> tuple[str, ...]:
    t, week = at(moment), at(moment).isocalendar()
    found = (
        t.year, t.month, t.day, (t.month + 2) // 3, week.week, week.year, t.isoweekday(),
        t.timetuple().tm_yday, t.hour, t.minute, t.second, moment // 10**6 % 1000, moment % SECOND,
    )  # fmt: skip
    return tuple(map(str, found))


@given(several)
@settings(max_examples=15)
def test_fields(values: Values, several: list[int]) -> None:
    of_timestamps = ", ".join(f"{name}(t)" for name in FIELDS)
    of_dates = ", ".join(f"{name}(CAST(t AS date))" for name in FIELDS[:8])
    assert values(over(timestamps(several), "t", f"{of_timestamps}, {of_dates}")) == [
        fields(moment) + fields(moment)[:8] for moment in several
    ]


def truncated(moment: int, unit: str) -> str:
    day = at(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    if unit in MONTHS:
        first = day.replace(day=1, month=(day.month - 1) // MONTHS[unit] * MONTHS[unit] + 1)
        return text(nanoseconds(first))
    if unit == "week":
        return text(nanoseconds(day - timedelta(days=day.weekday())))
    return text(moment // SIZES[unit] * SIZES[unit])


@given(several, st.sampled_from(UNITS))
@settings(max_examples=20)
def test_truncation(values: Values, several: list[int], unit: str) -> None:
    wanted = [truncated(moment, unit) for moment in several]
    assert values(over(timestamps(several), "t", f"date_trunc('{unit}', t)")) == [(t,) for t in wanted]
    if unit in OF_DATES:
        query = over(timestamps(several), "t", f"date_trunc('{unit}', CAST(t AS date))")
        assert values(query) == [(t[:10],) for t in wanted]


@given(several, st.integers(-600, 600), st.sampled_from(UNITS))
@settings(max_examples=20)
def test_addition(values: Values, several: list[int], n: int, unit: str) -> None:
    if unit in MONTHS:
        n //= MONTHS[unit]
        step = pd.DateOffset(months=n * MONTHS[unit])
        wanted = [text((pd.Timestamp(moment, tz="UTC") + step).value) for moment in several]
    else:
        wanted = [text(moment + n * SIZES[unit]) for moment in several]
    assert values(over(timestamps(several), "t", f"date_add('{unit}', {n}, t)")) == [(t,) for t in wanted]
    if unit in OF_DATES:
        query = over(timestamps(several), "t", f"date_add('{unit}', {n}, CAST(t AS date))")
        assert values(query) == [(t[:10],) for t in wanted]


def difference(one: int, other: int, unit: str) -> int:
    low, high = sorted((one, other))
    if unit in MONTHS:
        months = (at(high).year - at(low).year) * 12 + at(high).month - at(low).month
        if pd.Timestamp(low) + pd.DateOffset(months=months) > pd.Timestamp(high):
            months -= 1
        size = months // MONTHS[unit]
    else:
        size = (high - low) // SIZES[unit]
    return size if one <= other else -size


@given(st.lists(st.tuples(moments, moments), min_size=1, max_size=15), st.sampled_from(UNITS))
@settings(max_examples=25)
def test_difference(values: Values, pairs: list[tuple[int, int]], unit: str) -> None:
    rows = [", ".join(timestamps([*pair])) for pair in pairs]
    assert values(over(rows, "x, y", f"date_diff('{unit}', x, y)")) == [
        (str(difference(*pair, unit)),) for pair in pairs
    ]


@given(
    st.lists(st.tuples(clocks, clocks), min_size=1, max_size=10),
    st.integers(-100_000, 100_000),
    st.sampled_from(["second", "minute", "hour"]),
)
@settings(max_examples=15)
def test_times_of_day(values: Values, pairs: list[tuple[int, int]], n: int, unit: str) -> None:
    rows = [f"TIME '{clock(one)}', TIME '{clock(other)}'" for one, other in pairs]
    calls = (
        f"x, date_add('{unit}', {n}, x), date_diff('{unit}', x, y), date_trunc('{unit}', x), hour(x), "
        "nanosecond(x), x < y, CAST(x AS varchar)"
    )
    assert values(over(rows, "x, y", calls)) == [
        (
            clock(one),
            clock(one + n * SIZES[unit]),
            str(difference(one, other, unit)),
            clock(one // SIZES[unit] * SIZES[unit]),
            str(one // SIZES["hour"]),
            str(one % SECOND),
            str(one < other).lower(),
            clock(one),
        )
        for one, other in pairs
    ]


def parts(length: int) -> tuple[str, ...]:
    sign, (days, rest) = (-1 if length < 0 else 1), divmod(abs(length), SIZES["day"])
    found = (
        days, rest // SIZES["hour"], rest // SIZES["minute"] % 60, rest // SECOND % 60,
        rest // 10**6 % 1000, rest % SECOND,
    )  # fmt: skip
    return (*(str(sign * part) for part in found), f"{'-' if length < 0 else ''}{days} {clock(rest)}")


@given(st.lists(st.integers(-(10**17), 10**17), min_size=1, max_size=15))
@settings(max_examples=15)
def test_fields_of_intervals(values: Values, lengths: list[int]) -> None:
    rows = [f"{-1 if length < 0 else 1} * parse_duration('{abs(length)}ns')" for length in lengths]
    calls = "day(x), hour(x), minute(x), second(x), millisecond(x), nanosecond(x), CAST(x AS varchar), x"
    assert values(over(rows, "x", calls)) == [(*parts(length), parts(length)[-1]) for length in lengths]


PLAIN = {
    # Joda's pattern, MySQL's, Python's
    "yyyy-MM-dd": ("%Y-%m-%d", "%Y-%m-%d"),
    "HH:mm:ss": ("%T", "%H:%M:%S"),
    "hh:mm a": ("%h:%i %p", "%I:%M %p"),
    "EEE, dd MMM yyyy": ("%a, %d %b %Y", "%a, %d %b %Y"),
    "EEEE MMMM": ("%W %M", "%A %B"),
    "DDD": ("%j", "%j"),
    "xxxx ww": ("%x %v", "%G %V"),
}


@given(several, st.lists(st.sampled_from(sorted(PLAIN)), min_size=1, max_size=3, unique=True))
@settings(max_examples=20)
def test_writing(values: Values, several: list[int], each: list[str]) -> None:
    joda, mysql, python = ("|".join(part) for part in zip(*((x, *PLAIN[x]) for x in each), strict=True))
    query = over(timestamps(several), "t", f"format_datetime(t, '{joda}'), date_format(t, '{mysql}')")
    assert values(query) == [(at(moment).strftime(python),) * 2 for moment in several]


@given(several, st.integers(1, 9))
@settings(max_examples=15)
def test_what_is_written_can_be_read(values: Values, several: list[int], digits: int) -> None:
    joda, mysql = f"yyyy-MM-dd''T''HH:mm:ss.{'S' * digits}ZZ", "%b %d, %Y %r.%f"
    calls = (
        f"parse_datetime(format_datetime(t, '{joda}'), '{joda}'), date_parse(date_format(t, '{mysql}'), "
        f"'{mysql}'), from_iso8601_timestamp(to_iso8601(t)), from_nanoseconds(to_nanoseconds(t)), "
        "CAST(CAST(t AS varchar) AS timestamp)"
    )
    assert values(over(timestamps(several), "t", calls)) == [
        (
            text(moment // 10 ** (9 - digits) * 10 ** (9 - digits)),
            text(moment // 1000 * 1000),
            *(text(moment),) * 3,
        )
        for moment in several
    ]


@given(several, st.integers(-14 * 60, 14 * 60))
@settings(max_examples=15)
def test_offsets(values: Values, several: list[int], minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    local = [at(moment // SECOND * SECOND).astimezone(zone) for moment in several]
    rows = [f"'{t.isoformat()}', '{t:%d.%m.%Y %H:%M:%S %z}'" for t in local]
    query = over(rows, "x, y", "from_iso8601_timestamp(x), parse_datetime(y, 'dd.MM.yyyy HH:mm:ss Z')")
    assert values(query) == [(text(moment // SECOND * SECOND),) * 2 for moment in several]


@given(st.lists(dates, min_size=1, max_size=15))
@settings(max_examples=15)
def test_dates(values: Values, days: list[date]) -> None:
    rows = [f"DATE '{day}', '{day}', '{day:%d.%m.%Y}'" for day in days]
    calls = (
        "d, last_day_of_month(d), to_iso8601(d), CAST(d AS timestamp), d + 3d, d - 1month, date(x), "
        "date_parse(y, '%d.%m.%Y')"
    )
    assert values(over(rows, "d, x, y", calls)) == [
        (
            str(day),
            str((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)),
            str(day),
            f"{day} 00:00:00.000000000",
            str(day + timedelta(days=3)),
            str((pd.Timestamp(day) - pd.DateOffset(months=1)).date()),
            str(day),
            f"{day} 00:00:00.000000000",
        )
        for day in days
    ]


@pytest.mark.parametrize(
    ("zone", "wanted"),
    [
        ("PST", "2019-12-29 18:10:00"),
        ("America/New_York", "2019-12-29 15:10:00"),
        ("Europe/Rome", "2019-12-29 09:10:00"),
        ("UTC", "2019-12-29 10:10:00"),
    ],
)
def test_zones(values: Values, zone: str, wanted: str) -> None:
    assert values(f"SELECT parse_datetime('2019-12-29 10:10 {zone}', 'yyyy-MM-dd HH:mm z')") == [
        (f"{wanted}.000000000",)
    ]


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        ("2019-13-01", "%Y-%m-%d"),
        ("2019-02-30", "%Y-%m-%d"),
        ("24:00", "%H:%i"),
        ("2019-10-20 ", "%Y-%m-%d"),
        ("20 Foo 2019", "%d %b %Y"),
    ],
)
def test_no_such_date(values: Values, refusal: Refusal, written: str, pattern: str) -> None:
    assert refusal(f"SELECT date_parse('{written}', '{pattern}')")
    assert values(f"SELECT try(date_parse('{written}', '{pattern}'))") == [(None,)]


def test_no_such_zone(refusal: Refusal) -> None:
    assert "Nowhere" in refusal("SELECT parse_datetime('2019 Nowhere', 'yyyy z')")
