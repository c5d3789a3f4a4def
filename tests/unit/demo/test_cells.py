# SPDX-License-Identifier: MIT
"""Fields of a CSV file: numbers, times, and what is neither."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo import cells

MOMENTS = st.datetimes(datetime(1974, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_python_writes_it_keeps_its_value(value: float) -> None:
    assert cells.number(repr(value)) == value


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_whole_numbers_stay_whole(value: int) -> None:
    found = cells.number(str(value))
    assert found == value
    assert isinstance(found, int)


@pytest.mark.parametrize(
    "text", ["", "abc", "1_000", "0x10", "1e999", "inf", "nan", "1,5", "1 2", "٣", "--1", "1e", "1" * 5000]
)
def test_what_is_not_a_number(text: str) -> None:
    assert cells.number(text) is None


def test_decimal_comma_where_the_file_has_it() -> None:
    assert cells.number(" 23,7 ", decimal_comma=True) == 23.7


@given(
    MOMENTS,
    st.sampled_from(
        [("seconds", 10**6, 1), ("milliseconds", 10**3, 1), ("microseconds", 1, 1), ("ns", 1, 1000)]
    ),
)
def test_an_epoch_in_any_unit(moment: datetime, unit: tuple[str, int, int]) -> None:
    _, divisor, factor = unit
    moment = moment.replace(microsecond=0)
    text = str((moment - EPOCH) // timedelta(microseconds=1) // divisor * factor)
    assert cells.time_ms(text) == round((moment - EPOCH).total_seconds() * 1000)


@pytest.mark.parametrize(
    "text",
    [
        "2015-02-02 14:19:00",
        "2015-02-02T14:19:00Z",
        "2015-02-02T15:19:00+01:00",
        "2015-02-02T14:19",
        "2015-02-02T14:19:00.000Z",
        "2015/02/02 14:19",
        "02.02.2015 14:19",
        "1422886740",
        "1422886740000",
        "1422886740.0",
    ],
)
def test_one_moment_in_many_ways(text: str) -> None:
    assert cells.time_ms(text) == 1_422_886_740_000  # date -u -d '2015-02-02 14:19' +%s


def test_a_date_alone_is_its_midnight() -> None:
    assert cells.time_ms("2015-02-02") == cells.time_ms("20150202") == 1_422_835_200_000


def test_a_format_of_ones_own() -> None:
    assert cells.time_ms("02/03/2015 14:19", "%m/%d/%Y %H:%M") == 1_422_973_140_000


@pytest.mark.parametrize(
    "text", ["", "yesterday", "02/03/2015 10:00", "1", "2015", "-1422886740", "9999-99-99", "1" * 400]
)
def test_what_is_not_a_time_is_shown(text: str) -> None:
    with pytest.raises(ValueError, match="its time is neither ISO 8601 nor an epoch: '"):
        cells.time_ms(text)


@given(st.text())
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(cells.time_ms(text), int)


def test_foreign_text_cannot_steer_a_terminal() -> None:
    assert cells.shortened("\x1b[2Jgone") == r"'\x1b[2Jgone'"
    assert len(cells.shortened("x" * 10**6)) == 42
