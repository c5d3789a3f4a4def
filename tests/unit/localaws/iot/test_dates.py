# SPDX-License-Identifier: MIT
"""Date patterns, against Python's own dates and AWS's examples."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.iot import dates
from localaws.iot.errors import SqlParseError
from localaws.iot.sql import compile_expression

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
)


def epoch_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@given(MOMENTS)
def test_formats_as_python_does(moment: datetime) -> None:
    pattern = "EEEE, dd MMM yyyy D yy hh:mm:ss.SSS a Z ZZ"
    expected = f"{moment:%A, %d %b %Y} {moment.timetuple().tm_yday} {moment:%y %I:%M:%S}"
    expected += f".{moment.microsecond // 1000:03} {moment:%p} +0000 +00:00"
    assert dates.format_time(pattern, epoch_ms(moment), "UTC") == expected


@given(MOMENTS, st.sampled_from(["+05:30", "-03:00", "UTC+01:00", "Z"]))
def test_reads_what_it_writes(moment: datetime, zone: str) -> None:
    written = dates.format_time("yyyy-MM-dd'T'HH:mm:ss.SSS", epoch_ms(moment), zone)
    assert dates.parse_time(f"{written} {zone}", "yyyy-MM-dd'T'HH:mm:ss.SSS VV") == epoch_ms(moment)


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("2007-12-03 10:15:30.592 America/Los_Angeles", "yyyy-MM-dd HH:mm:ss.SSS z", 1196705730592),
        ("2026-01-01T00:00:00Z", "yyyy-MM-dd'T'HH:mm:ss'Z'", 1767225600000),
        ("2026-01-01T01:00:00+01:00", "yyyy-MM-dd'T'HH:mm:ssXXX", 1767225600000),
        ("2026-01-01T01:00:00+0100", "yyyy-MM-dd'T'HH:mm:ssZ", 1767225600000),
        ("20260101", "yyyyMMdd", 1767225600000),
        ("1/1/26 12:00 AM", "d/M/yy hh:mm a", 1767225600000),
        ("Thursday 1 Jan 2026", "EEEE d MMM yyyy", 1767225600000),
        ("1 o'clock 2026-01-01", "H 'o''clock' yyyy-MM-dd", 1767229200000),
    ],
)
def test_reads(text: str, pattern: str, expected: int) -> None:
    assert dates.parse_time(text, pattern) == expected


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("2026-13-01", "yyyy-MM-dd"),
        ("2026-02-30", "yyyy-MM-dd"),
        ("12:00", "HH:mm"),
        ("x", "yyyy-MM-dd"),
        ("2026-01-01 Mars/Olympus", "yyyy-MM-dd VV"),
    ],
)
def test_what_is_no_date_is_an_error(text: str, pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        dates.parse_time(text, pattern)


@pytest.mark.parametrize(
    "text",
    [
        "time_to_epoch(t, 'QQQ')",
        "time_to_epoch(t, '[yyyy]')",
        "parse_time('W', 0)",
        "parse_time('yyyy', 0, 'Mars/Olympus')",
    ],
)
def test_a_literal_pattern_that_is_not_known_is_refused_with_the_rule(text: str) -> None:
    with pytest.raises(SqlParseError):
        compile_expression(text, "2016-03-23")
