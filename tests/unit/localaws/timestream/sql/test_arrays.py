# SPDX-License-Identifier: MIT
"""Arrays, maps, rows and lambdas: against Python's own on any input, and Trino's examples.

https://trino.io/docs/current/functions/array.html, .../map.html, .../lambda.html
"""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localaws.timestream.sql import Answer

Ask = Callable[[str], Answer]
Values = Callable[[str], list[tuple[Any, ...]]]
Refusal = Callable[[str], str]

INTEGERS = st.lists(st.one_of(st.integers(-3, 3), st.none()), max_size=6)


def written(items: list[int | None]) -> str:
    """An array as a query has it."""
    texts = ("NULL" if item is None else str(item) for item in items)
    return f"CAST(ARRAY[{', '.join(texts)}] AS ARRAY(bigint))"


def shown(items: Sequence[int | None]) -> list[str | None]:
    """An array as `values` shows it."""
    return [None if item is None else str(item) for item in items]


@given(INTEGERS, INTEGERS, st.integers(-3, 3))
@settings(max_examples=60, deadline=None)
def test_arrays_as_pythons_lists(values: Values, a: list[int | None], b: list[int | None], x: int) -> None:
    (row,) = values(
        "SELECT array_distinct(a), array_except(a, b), array_intersect(a, b), array_union(a, b), "
        "array_remove(a, x), array_sort(a), reverse(a), a || b, a || x, x || a, cardinality(a), "
        f"array_position(a, x) FROM (SELECT {written(a)} AS a, {written(b)} AS b, {x} AS x)"
    )
    once = list(dict.fromkeys(a))
    assert row == (
        shown(once),
        shown([item for item in once if item not in b]),
        shown([item for item in once if item in b]),
        shown(list(dict.fromkeys(a + b))),
        shown([item for item in a if item != x]),
        shown(sorted(item for item in a if item is not None) + [None] * a.count(None)),
        shown(a[::-1]),
        shown(a + b),
        shown([*a, x]),
        shown([x, *a]),
        str(len(a)),
        str(a.index(x) + 1 if x in a else 0),
    )


@given(INTEGERS, st.integers(-3, 3))
@settings(max_examples=60, deadline=None)
def test_lambdas_as_pythons(values: Values, a: list[int | None], x: int) -> None:
    (row,) = values(
        "SELECT filter(a, y -> y > x), transform(a, y -> y * 2 + x), "
        "reduce(a, 0, (s, y) -> s + coalesce(y, 0), s -> s * 2), "
        "any_match(a, y -> y > x), all_match(a, y -> y > x), none_match(a, y -> y > x), "
        "array_sort(filter(a, y -> y IS NOT NULL), (p, q) -> q - p), "
        "zip_with(a, a, (p, q) -> p + q), transform(a, y -> transform(a, z -> z - y)) "
        f"FROM (SELECT {written(a)} AS a, {x} AS x)"
    )
    known = [item for item in a if item is not None]
    above = [None if item is None else item > x for item in a]
    some = True if True in above else None if None in above else False
    every = False if False in above else None if None in above else True
    assert row == (
        shown([item for item in known if item > x]),
        shown([None if item is None else item * 2 + x for item in a]),
        str(sum(known) * 2),
        None if some is None else str(some).lower(),
        None if every is None else str(every).lower(),
        None if some is None else str(not some).lower(),
        shown(sorted(known, reverse=True)),
        shown([None if item is None else item * 2 for item in a]),
        [shown([None if y is None or z is None else z - y for z in a]) for y in a],
    )


@pytest.mark.parametrize(
    ("expression", "expected"),
    {
        # https://trino.io/docs/current/functions/array.html
        "reduce(ARRAY[5, 20, 50], 0, (s, x) -> s + x, s -> s)": "75",
        "reduce(ARRAY[5, 20, NULL, 50], 0, (s, x) -> s + coalesce(x, 0), s -> s)": "75",
        "reduce(ARRAY[5, 6, 10, 20], CAST(ROW(0.0, 0) AS ROW(sum DOUBLE, count INTEGER)), "
        "(s, x) -> CAST(ROW(x + s.sum, s.count + 1) AS ROW(sum DOUBLE, count INTEGER)), "
        "s -> IF(s.count = 0, NULL, s.sum / s.count))": "10.25",
        "zip_with(ARRAY[1, 3, 5], ARRAY['a', 'b', 'c'], (x, y) -> (y, x))": [
            ("a", "1"),
            ("b", "3"),
            ("c", "5"),
        ],
        "zip_with(ARRAY['a', 'b', 'c'], ARRAY['d', 'e', 'f'], (x, y) -> concat(x, y))": ["ad", "be", "cf"],
        "array_sort(ARRAY['a', 'abcd', 'abc'], (x, y) -> IF(length(x) < length(y), -1, "
        "IF(length(x) = length(y), 0, 1)))": ["a", "abc", "abcd"],
        "transform(ARRAY[ARRAY[1, NULL, 2], ARRAY[3, NULL]], a -> filter(a, x -> x IS NOT NULL))": [
            ["1", "2"],
            ["3"],
        ],
        "reduce(NULL, 0, (s, x) -> s, s -> coalesce(s, 1))": None,
        "reduce(ARRAY[1.5, 2], 0, (s, x) -> s + x, s -> s)": "3.5",  # the state is widened
        "flatten(ARRAY[ARRAY[1], NULL, ARRAY[2, 3]])": ["1", "2", "3"],
        "contains(ARRAY[1, NULL], 2)": None,
        # https://trino.io/docs/current/functions/map.html
        "map(ARRAY['a', 'b'], ARRAY[1, 2])['b']": "2",
        "element_at(map(ARRAY['a'], ARRAY[1]), 'b')": None,
        "cardinality(map())": "0",
        "map_keys(map_filter(map(ARRAY['k1', 'k2'], ARRAY[20, 3]), (k, v) -> v > 10))": ["k1"],
        "map_keys(transform_keys(map(ARRAY['a', 'b'], ARRAY[1, 2]), (k, v) -> k || CAST(v AS varchar)))": [
            "a1",
            "b2",
        ],
        "map_values(transform_values(map(ARRAY['a'], ARRAY['x']), (k, v) -> k || v))": ["ax"],
        "map_concat(map(ARRAY['a'], ARRAY[1]), map(ARRAY['a'], ARRAY[2]))['a']": "2",
        "map_zip_with(map(ARRAY['a'], ARRAY[1]), map(ARRAY['a', 'b'], ARRAY[5, 6]), "
        "(k, v, w) -> coalesce(v, 0) + w)['b']": "6",
        "map_from_entries(ARRAY[(1, 'x'), (2, 'y')])[2]": "y",
        "map_entries(map(ARRAY[1], ARRAY['x']))": [("1", "x")],
        "CAST(map(ARRAY['1'], ARRAY['2']) AS MAP(bigint, double))[1]": "2.0",
        # rows
        "ROW(1, 'a')[2]": "a",
        "CAST(ROW('1', ROW('2')) AS ROW(a bigint, b ROW(c double))).b.c": "2.0",
        "ROW(1, 2) = ROW(1, 2)": "true",
        "(1, 2) IN ((1, 2), (3, 4))": "true",
    }.items(),
)
def test_trinos_examples(values: Values, expression: str, expected: Any) -> None:
    assert values(f"SELECT {expression}") == [(expected,)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    {
        "map_agg(k, v)['b']": "3",
        "multimap_agg(k, v)['a']": ["1", "2"],
        "histogram(k)['a']": "2",
        "kurtosis(v)": None,
        "regr_count(v, v)": "3",
        "regr_r2(v, v)": "1.0",
    }.items(),
)
def test_aggregates_beyond_the_guide(values: Values, expression: str, expected: Any) -> None:
    rows = "(VALUES ('a', 1), ('a', 2), ('b', 3)) AS t(k, v)"
    assert values(f"SELECT {expression} FROM {rows}") == [(expected,)]


def test_a_row_unnests_into_its_fields_a_map_into_two_columns(values: Values) -> None:
    assert values("SELECT * FROM UNNEST(ARRAY[ROW(1, 'x'), ROW(2, 'y')]) AS t(a, b)") == [
        ("1", "x"),
        ("2", "y"),
    ]
    assert values("SELECT k, v FROM UNNEST(map(ARRAY['a', 'b'], ARRAY[1, 2])) AS t(k, v)") == [
        ("a", "1"),
        ("b", "2"),
    ]
    assert values("SELECT * FROM UNNEST(ARRAY['a', 'b'], ARRAY[7]) WITH ORDINALITY AS t(x, y, n)") == [
        ("a", "7", "1"),
        ("b", None, "2"),
    ]


def test_a_lambda_sees_columns_and_hides_them(values: Values) -> None:
    assert values(
        "SELECT transform(xs, x -> x + y), transform(xs, y -> y * 10), transform(xs, X -> x + t.x) "
        "FROM (VALUES (ARRAY[1, 2], 5, 7)) AS t(xs, y, x)"
    ) == [(["6", "7"], ["10", "20"], ["8", "9"])]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "SELECT filter(ARRAY[1], x -> x + 1)",
            "line 1:8: Unexpected parameters (array(integer), function) for",
        ),
        (
            "SELECT transform(1, x -> x)",
            "line 1:8: Unexpected parameters (integer, function) for function transform",
        ),
        ("SELECT transform(ARRAY[1], (x, y) -> x)", "A lambda expression of 1 parameters is expected"),
        ("SELECT abs(x -> x)", "line 1:8: Function 'abs' not registered for lambda expressions"),
        ("SELECT transform(ARRAY[1], x -> nope)", "line 1:33: Column 'nope' does not exist"),
        ("SELECT map(ARRAY[1], ARRAY[2])", "A column of type map cannot be returned"),
        ("SELECT map(ARRAY[1], ARRAY[2])[3]", "Key not present in map: 3"),
        ("SELECT map(ARRAY[1, 2], ARRAY[2])[1]", "Key and value arrays must be the same length"),
        ("SELECT * FROM UNNEST(1)", "Cannot unnest type: integer"),
        ("SELECT CAST(ROW(1, 2) AS ROW(a bigint))", "Cannot cast row(integer, integer) to row(a bigint)"),
        ("SELECT ROW(1)[2]", "The place of a row's field must be a number from 1 to 1"),
        ("SELECT abs(1) OVER ()", "line 1:8: OVER is not supported for functions"),
        ("SELECT abs(DISTINCT 1)", "Distinct is not supported for function abs"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(refusal: Refusal, statement: str, message: str) -> None:
    assert message in refusal(statement)


@pytest.mark.parametrize(
    ("expression", "type_", "datum"),
    [
        (
            "ROW(1, 'a')",
            {"RowColumnInfo": [{"Type": {"ScalarType": "INTEGER"}}, {"Type": {"ScalarType": "VARCHAR"}}]},
            {"RowValue": {"Data": [{"ScalarValue": "1"}, {"ScalarValue": "a"}]}},
        ),
        (
            "CAST(ROW(1, NULL) AS ROW(x bigint, Y varchar))",
            {
                "RowColumnInfo": [
                    {"Name": "x", "Type": {"ScalarType": "BIGINT"}},
                    {"Name": "Y", "Type": {"ScalarType": "VARCHAR"}},
                ]
            },
            {"RowValue": {"Data": [{"ScalarValue": "1"}, {"NullValue": True}]}},
        ),
        (
            "ARRAY[ARRAY[1], NULL]",
            {"ArrayColumnInfo": {"Type": {"ArrayColumnInfo": {"Type": {"ScalarType": "INTEGER"}}}}},
            {"ArrayValue": [{"ArrayValue": [{"ScalarValue": "1"}]}, {"NullValue": True}]},
        ),
        (
            "ARRAY[create_time_series(TIMESTAMP '2022-01-01 00:00:00', true)]",
            {
                "ArrayColumnInfo": {
                    "Type": {"TimeSeriesMeasureValueColumnInfo": {"Type": {"ScalarType": "BOOLEAN"}}}
                }
            },
            {
                "ArrayValue": [
                    {
                        "TimeSeriesValue": [
                            {"Time": "2022-01-01 00:00:00.000000000", "Value": {"ScalarValue": "true"}}
                        ]
                    }
                ]
            },
        ),
    ],
)
def test_shapes(ask: Ask, expression: str, type_: dict[str, Any], datum: dict[str, Any]) -> None:
    answer = ask(f"SELECT {expression}")
    assert answer.columns == [{"Name": "_col0", "Type": type_}]
    assert answer.rows == [{"Data": [datum]}]
