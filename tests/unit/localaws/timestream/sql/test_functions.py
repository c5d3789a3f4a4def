# SPDX-License-Identifier: MIT
"""Functions and operators by example: AWS's own where its pages give one, Trino's elsewhere.

https://docs.aws.amazon.com/timestream/latest/developerguide/reference.html
https://trino.io/docs/current/functions.html
"""

from collections.abc import Callable
from typing import Any

import pytest

Values = Callable[[str], list[tuple[Any, ...]]]

AT = "TIMESTAMP '2022-07-07 17:44:43.771000000'"

EXAMPLES = {
    # mathematical operators
    "7 / 2": "3",
    "-7 / 2": "-3",
    "7 / 2.0": "3.5",
    "7 % 2": "1",
    "-7 % 2": "-1",
    "5.5 % 2": "1.5",
    "1.0 / 0": "Infinity",
    "0.1 + 0.2": "0.30000000000000004",
    "1 + 1.5": "2.5",
    "-(2.5)": "-2.5",
    # conversions
    "CAST(2.5 AS bigint)": "3",
    "CAST(-2.5 AS integer)": "-3",
    "CAST('12' AS bigint)": "12",
    "TRY_CAST('2.5' AS bigint)": None,
    "TRY_CAST('x' AS double)": None,
    "CAST(true AS varchar)": "true",
    "CAST(1e10 AS varchar)": "1.0E10",
    "CAST(0.00012345 AS varchar)": "1.2345E-4",
    "CAST(25.0 AS varchar)": "25.0",
    "CAST(12345678.9 AS varchar)": "1.23456789E7",
    "CAST(TIMESTAMP '2022-01-01 10:00:00' AS varchar)": "2022-01-01 10:00:00.000000000",
    "TRY(1 / 0)": None,
    # mathematical functions
    "abs(-3)": "3",
    "abs(-3.5)": "3.5",
    "ceil(3)": "3",
    "ceiling(3.2)": "4.0",
    "floor(3.7)": "3.0",
    "round(2.5)": "3.0",
    "round(2.345, 2)": "2.35",
    "sign(-2.0)": "-1.0",
    "truncate(-2.7)": "-2.0",
    "sqrt(16)": "4.0",
    "cbrt(8.0)": "2.0",
    "power(2, 10)": "1024.0",
    "log10(1000.0)": "3.0",
    "log2(8.0)": "3.0",
    "mod(7, 3)": "1",
    "is_nan(nan())": "true",
    "infinity()": "Infinity",
    "bitwise_and(12, 10)": "8",
    "bitwise_xor(12, 10)": "6",
    # strings
    "'a' || 'b'": "ab",
    "concat('a', 'b', 'c')": "abc",
    "concat('a', NULL)": None,
    "length('température')": "11",
    "upper('abc')": "ABC",
    "lpad('7', 3, '0')": "007",
    "replace('hello', 'l')": "heo",
    "reverse('abc')": "cba",
    "split('a,b', ',')": ["a", "b"],
    "split_part('a,b', ',', 2)": "b",
    "split_part('a,b', ',', 3)": None,
    "strpos('hello', 'l')": "3",
    "position('l' IN 'hello')": "3",
    "substr('hello', -3)": "llo",
    "substr('hello', 2, 3)": "ell",
    "trim('  a ')": "a",
    "levenshtein_distance('kitten', 'sitting')": "3",
    "regexp_extract('1a 2b 14m', '[0-9]+')": "1",
    r"regexp_extract('1a 2b 14m', '(\d+)([a-z]+)', 2)": "a",
    "regexp_extract('x', '[0-9]+')": None,
    "regexp_like('1a 2b 14m', '[0-9]+b')": "true",
    r"regexp_replace('1a 2b 14m', '(\d+)([ab]) ', '3c$2 ')": "3ca 3cb 14m",
    # times
    "bin(TIMESTAMP '2022-06-16 10:15:23.000000000', 5m)": "2022-06-16 10:15:00.000000000",
    "current_date": "2026-01-01",
    "current_time": "12:00:00.123456789",
    "current_timestamp": "2026-01-01 12:00:00.123456789",
    "current_timezone()": "UTC",
    f"date({AT})": "2022-07-07",
    f"last_day_of_month({AT})": "2022-07-31",
    "from_iso8601_timestamp('2022-06-17T08:04:05.000000000+05:00')": "2022-06-17 03:04:05.000000000",
    "from_iso8601_timestamp('2026-01-01T00:00:00.123456789Z')": "2026-01-01 00:00:00.123456789",
    "from_iso8601_date('2022-07-17')": "2022-07-17",
    "to_iso8601(DATE '2022-07-17')": "2022-07-17",
    f"to_iso8601({AT})": "2022-07-07T17:44:43.771000000Z",
    "from_milliseconds(1700000000123)": "2023-11-14 22:13:20.123000000",
    "from_nanoseconds(300)": "1970-01-01 00:00:00.000000300",
    "from_unixtime(0)": "1970-01-01 00:00:00.000000000",
    f"to_milliseconds({AT})": "1657215883771",
    "to_milliseconds(1d)": "86400000",
    f"to_nanoseconds({AT})": "1657215883771000000",
    f"date_trunc('month', {AT})": "2022-07-01 00:00:00.000000000",
    "date_add('hour', 9, TIMESTAMP '2022-01-01 00:00:00')": "2022-01-01 09:00:00.000000000",
    "date_add('day', 1, DATE '2022-02-28')": "2022-03-01",
    "date_diff('hour', TIMESTAMP '2020-03-01 00:00:00', TIMESTAMP '2020-03-02 00:00:00')": "24",
    "date_diff('month', TIMESTAMP '2022-01-31 00:00:00', TIMESTAMP '2022-03-30 00:00:00')": "1",
    "parse_duration('42m')": "0 00:42:00.000000000",
    "parse_duration('1.5s')": "0 00:00:01.500000000",
    "date_format(TIMESTAMP '2019-10-20 10:20:20', '%Y-%m-%d %H:%i:%s')": "2019-10-20 10:20:20",
    "date_parse('2019-10-20 10:20:20', '%Y-%m-%d %H:%i:%s')": "2019-10-20 10:20:20.000000000",
    "format_datetime(TIMESTAMP '1968-01-13 12:00:00', 'yyyy-MM-dd hh:mm a')": "1968-01-13 12:00 PM",
    "format_datetime(TIMESTAMP '2022-01-02 03:04:05.123456789', 'HH''h''mm.SSSSSSSSS%')": "03h04.123456789%",
    "parse_datetime('2019-12-29 10:10', 'yyyy-MM-dd HH:mm')": "2019-12-29 10:10:00.000000000",
    f"extract(year FROM {AT})": "2022",
    f"week({AT})": "27",
    f"day_of_year({AT})": "188",
    f"quarter({AT})": "3",
    "year(DATE '2022-07-07')": "2022",
    "DATE '2026-01-01' + INTERVAL '2' DAY": "2026-01-03",
    "TIMESTAMP '2026-01-01 00:00:00' > '2025-12-31'": "true",
    # arrays, comparisons
    "ARRAY[1, 2, 3]": ["1", "2", "3"],
    "cardinality(ARRAY[1, 2])": "2",
    "contains(ARRAY['a'], 'a')": "true",
    "array_join(ARRAY['a', 'b'], '-')": "a-b",
    "element_at(ARRAY[1, 2], 2)": "2",
    "sequence(1, 3)": ["1", "2", "3"],
    "slice(ARRAY[1, 2, 3, 4], 2, 2)": ["2", "3"],
    "greatest(1, 3, 2)": "3",
    "least(1, NULL)": None,
    "1 = 1.0": "true",
    "NULL IS NULL": "true",
    "5 BETWEEN 1 AND 5": "true",
    "'abc' LIKE 'a_c'": "true",
    "1 IN (1, 2)": "true",
    "5m < 1h": "true",
}


@pytest.mark.parametrize(("expression", "expected"), EXAMPLES.items())
def test_example(values: Values, expression: str, expected: Any) -> None:
    assert values(f"SELECT {expression}") == [(expected,)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    {
        "array_agg(x ORDER BY x DESC)": ["3", "2", "1"],
        "approx_percentile(x, ARRAY[0.1, 0.5])": ["1", "2"],
        "arbitrary(7)": "7",
        "bool_and(x > 0)": "true",
        "every(x > 1)": "false",
        "count(DISTINCT x % 2)": "2",
        "sum(x) FILTER (WHERE x > 1)": "5",
        "sum(x) / 4": "1",
        "avg(x)": "2.0",
        "geometric_mean(4.0)": "4.0",
        "max_by(x, -x, 2)": ["1", "2"],
        "max(x, 2)": ["3", "2"],
        "covar_pop(x, x)": "0.6666666666666666",
        "regr_slope(2 * x, x)": "2.0",
    }.items(),
)
def test_aggregate_example(values: Values, expression: str, expected: Any) -> None:
    assert values(f"SELECT {expression} FROM (VALUES 1, 2, 3) AS t(x)") == [(expected,)]
