# SPDX-License-Identifier: MIT
from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest.timestamps import LATEST, nanoseconds

NOON = 1_704_110_400 * 10**9  # 2024-01-01T12:00:00Z, by `date -d 2024-01-01T12:00:00Z +%s`


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-01-01T12:00:00Z", NOON),
        ("2024-01-01T12:00:00", NOON),
        ("2024-01-01 12:00", NOON),
        ("2024-01-01t12:00:00z", NOON),
        (" 2024-01-01T12:00:00Z\n", NOON),
        ("2024-01-01T14:00:00+02:00", NOON),
        ("2024-01-01T06:30:00-0530", NOON),
        ("2024-01-01T13:00:00+01", NOON),
        ("2024-01-01T12:00:00 +00:00", NOON),
        ("2024-01-01", NOON - 12 * 3600 * 10**9),
        ("2024-01-01T12:00:00.5Z", NOON + 500_000_000),
        ("2024-01-01T12:00:00,000000001Z", NOON + 1),
        ("2024-01-01T12:00:00.123456789+00:00", NOON + 123_456_789),
        ("1970-01-01T00:00:00Z", 0),
        (0, 0),
        (1_704_110_400, NOON),
        (1_704_110_400.25, NOON + 250_000_000),
        (1_704_110_400_000, NOON),
        (1_704_110_400_000.5, NOON + 500_000),
        (1_704_110_400_000_000, NOON),
        (NOON + 7, NOON + 7),
        ("1704110400", NOON),
        ("1704110400.123456789", NOON + 123_456_789),
        (" 1704110400001 ", NOON + 10**6),
        (99_999_999_999, None),  # the last number of seconds, in the year 5138
        (100_000_000_000, 10**17),  # the first of milliseconds, in 1973
        (100_000_000_000_000, 10**17),
        (100_000_000_000_000_000, 10**17),
        (LATEST, LATEST),
    ],
)
def test_every_form_is_the_same_instant(value: object, expected: int | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="out of range"):
            nanoseconds(value)
    else:
        assert nanoseconds(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "",
        "2024-13-01T00:00:00Z",
        "2024-02-30",
        "2024-01-01T25:00:00Z",
        "2024-01-01T12:00:60Z",
        "2024-01-01T12.5Z",
        "2024-01-01T12:00.5Z",
        "2024-01-01T12:00:00.1234567891Z",
        "2024-01-01T12:00:00+25:00",
        "01/02/2024",
        "1e9",
        "٢٠٢٤-01-01",
        "2024-01-01T12:00:00Z2024",
        None,
        True,
        float("nan"),
        float("inf"),
        [1_704_110_400],
        {"epoch": 1},
    ],
)
def test_what_is_no_time_is_refused_with_the_allowed_forms(value: object) -> None:
    with pytest.raises(
        ValueError, match=r"is not a time.*allowed: ISO 8601 such as .* or a number of seconds"
    ):
        nanoseconds(value)


@pytest.mark.parametrize(
    "value", [-1, "-1704110400", "1969-12-31T23:59:59Z", "2500-01-01", 10**19, 10**400, "9" * 99]
)
def test_a_time_that_timestream_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is out of range; allowed: 1970-01-01 to 2262-04-11"):
        nanoseconds(value)


@given(st.integers(0, LATEST))
def test_iso_text_keeps_every_nanosecond(time: int) -> None:
    assert nanoseconds(pd.Timestamp(time, unit="ns", tz="UTC").isoformat()) == time


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2261, 1, 1)),
    st.integers(-23 * 60, 23 * 60),
)
def test_a_zone_is_honoured(local: datetime, minutes: int) -> None:
    zoned = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert nanoseconds(zoned.isoformat()) == pd.Timestamp(zoned).value
    assert nanoseconds(local.isoformat()) == pd.Timestamp(local.replace(tzinfo=UTC)).value


@given(st.sampled_from([(9, 0, 10**11), (6, 10**11, 10**14), (3, 10**14, 10**17)]), st.data())
def test_the_size_of_a_number_tells_its_unit(unit: tuple[int, int, int], data: st.DataObject) -> None:
    exponent, low, high = unit
    number = data.draw(st.decimals(low, min(high - 1, LATEST // 10**exponent), places=exponent))
    expected = int(number * 10**exponent)
    assert nanoseconds(f"{number:f}") == expected
    assert nanoseconds(int(number)) == int(number) * 10**exponent


@given(st.floats(0, 4e9))
def test_a_json_number_is_taken_as_it_is_written(seconds: float) -> None:
    written = Decimal(repr(seconds))
    assert nanoseconds(seconds) == int((written * 10**9).to_integral_value())
