# SPDX-License-Identifier: MIT
"""Statements, by the examples of https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.iot.errors import MessageError, SqlParseError
from localaws.iot.message import Message
from localaws.iot.sql import compile_rule

V1, V2 = "2015-10-08", "2016-03-23"
READINGS = {"color": {"red": 255, "green": 0, "blue": 0}, "temperature": 50, "value": 3}
SENML = {
    "e": [
        {"n": "temperature", "u": "Cel", "t": 1234, "v": 22.5},
        {"n": "light", "u": "lm", "t": 1235, "v": 135},
        {"n": "acidity", "u": "pH", "t": 1235, "v": 7},
    ]
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def select(sql: str, payload: Any, version: str = V2) -> Any:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return compile_rule(sql, version).select(Message("a/b", body))


def matches(sql: str, payload: Any, version: str = V2) -> bool:
    return compile_rule(sql, version).matches(Message("a/b", json.dumps(payload).encode()))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("*", READINGS),
        ("temperature", {"temperature": 50}),
        ("temperature AS fahrenheit, value as v", {"fahrenheit": 50, "v": 3}),
        ("*, 15 as speed", READINGS | {"speed": 15}),
        ("*, 15 as value", READINGS | {"value": 15}),
        ("color.red as red_value", {"red_value": 255}),
        ("color.red", {"red": 255}),
        (
            "(temperature - 32) * 5 / 9 AS celsius, upper('red') as my_color",
            {"celsius": 10, "my_color": "RED"},
        ),
        ("topic(2)", {"topic": "b"}),
        ("absent, color.absent as a, temperature.absent as b", {}),
        ("null as n", {"n": None}),
        ("temperature AS state.reported.t, value AS state.v", {"state": {"reported": {"t": 50}, "v": 3}}),
        ("color, 1 as color.red", {"color": {"red": 1, "green": 0, "blue": 0}}),
        ("* AS all", {"all": READINGS}),
        ("value", {"value": 3}),
        ("value * 2 AS twice", {"twice": 6}),
        ("VALUE value", 3),
        ("VALUE *", READINGS),
        ("value absent", ""),
        ('\'it\'\'s\' AS a, "say ""hi""" AS b', {"a": "it's", "b": 'say "hi"'}),
    ],
)
@pytest.mark.parametrize("version", [V1, V2])
def test_select(items: str, expected: Any, version: str) -> None:
    assert select(f"SELECT {items} FROM 'a/b'", READINGS, version) == expected


def test_a_payload_is_never_changed_by_what_is_selected() -> None:
    message = Message("a/b", json.dumps(READINGS).encode())
    compile_rule("SELECT *, 1 AS color.red FROM 'a/b'", V2).select(message)
    assert compile_rule("SELECT * FROM 'a/b'", V2).select(message) == READINGS


@given(JSON)
def test_select_everything_yields_the_message(message: Any) -> None:
    assert select("SELECT * FROM 'a/b'", message) == message
    assert select("SELECT * FROM 'a/b'", message, V1) == message


def test_a_whole_number_stays_decimal_in_2015_only() -> None:
    def text(sql: str, version: str) -> str:
        return json.dumps(select(sql, b'{"t": 10.0, "n": 25}', version))

    assert text("SELECT * FROM 'a'", V1) == '{"t": 10.0, "n": 25}'
    assert text("SELECT * FROM 'a'", V2) == '{"t": 10, "n": 25}'
    assert text("SELECT n * 1.0 AS n FROM 'a'", V1) == '{"n": 25.0}'
    assert text("SELECT n * 1.0 AS n, cast(t as Decimal) AS t FROM 'a'", V2) == '{"n": 25, "t": 10}'
    assert text("SELECT sqrt(9) AS s FROM 'a'", V1) == '{"s": 3.0}'


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("temperature > 50 AND color <> 'red'", False),
        ("temperature >= 50 AND color.red = 255", True),
        ("absent > 50", False),
        ("NOT absent > 50", False),
        ("'true'", True),
        ("1", False),
        ("get(color, 'red') = 255", True),
        ("temperature IN [40, 50]", True),
        ("CASE temperature WHEN 50 THEN true ELSE false END", True),
    ],
)
def test_where(where: str, expected: bool) -> None:
    assert matches(f"SELECT * FROM 'a/b' WHERE {where}", READINGS) is expected


@pytest.mark.parametrize(
    ("color", "expected"),
    [("yellow", "caution"), ("red", "stop"), ("blue", "you are not at a stop light"), (None, "none"), (1, 1)],
)
def test_case(color: Any, expected: Any) -> None:
    sql = """SELECT CASE color WHEN 'yellow' THEN 'caution' WHEN 'red' THEN 'stop' WHEN null THEN 'none'
             WHEN 1.0 THEN 1 ELSE 'you are not at a stop light' END as instructions FROM 'topic/subtopic'"""
    assert select(sql, {"color": color}) == {"instructions": expected}


def test_case_of_undefined_and_without_a_match_is_undefined() -> None:
    assert select("SELECT CASE absent WHEN 1 THEN 2 ELSE 3 END AS x FROM 'a'", {}) == {}
    assert select("SELECT CASE 5 WHEN 1 THEN 2 END AS x FROM 'a'", {}) == {}


def test_nested_queries() -> None:
    assert select("SELECT (SELECT VALUE n FROM e) as sensors FROM 'my/topic'", SENML) == {
        "sensors": ["temperature", "light", "acidity"]
    }
    assert select(
        "SELECT (SELECT v FROM e WHERE n = 'temperature') as temperature FROM 'my/topic'", SENML
    ) == {"temperature": [{"v": 22.5}]}
    flat = "SELECT get((SELECT v FROM e WHERE n = 'temperature'), 0).v as temperature FROM 'topic'"
    assert select(flat, SENML) == {"temperature": 22.5}


def test_a_nested_query_of_an_object_yields_one_row() -> None:
    message = {"data2": {"a": 1, "b": 2, "c": [{"x": 5}, {"x": 10}]}}
    data = "(select a, b from data2), (select value c from data2)"
    sql = f"select value transform('enrichArray', {data}) from 'A/B'"
    assert select(sql, message) == [{"x": 5, "a": 1, "b": 2}, {"x": 10, "a": 1, "b": 2}]
    assert select("SELECT (SELECT a FROM absent) AS x FROM 'a'", message) == {}


def test_literals() -> None:
    sql = "SELECT {'latitude': get(at, 0),'longitude':get(at, 1)} as at, [1, 'a', []] as list FROM 'topic'"
    assert select(sql, {"at": [47.606, -122.332]}) == {
        "at": {"latitude": 47.606, "longitude": -122.332},
        "list": [1, "a", []],
    }
    assert select("SELECT VALUE [a, absent] FROM 'a'", {"a": 1}) == [1, None]


@pytest.mark.parametrize(
    "items", ["[1] AS a", "{'a': 1} AS a", "(SELECT v FROM e) AS v", "isUndefined(a)", "cast(a as Decimal)"]
)
def test_what_came_in_2016_is_refused_in_2015(items: str) -> None:
    compile_rule(f"SELECT {items} FROM 'a'", V2)
    with pytest.raises(SqlParseError, match=r"2015-10-08 does not have .*2016-03-23 and later do"):
        compile_rule(f"SELECT {items} FROM 'a'", V1)


def test_an_array_as_the_whole_payload() -> None:
    assert select("SELECT VALUE arr FROM 'topic'", {"a": {"b": "c"}, "arr": [1, 2, 3, 4]}) == [1, 2, 3, 4]
    with pytest.raises(MessageError, match="needs SQL version 2016-03-23"):
        select("SELECT VALUE arr FROM 'topic'", {"arr": [1]}, V1)


@pytest.mark.parametrize(
    "sql",
    ["SELECT * FROM 'a/b'", "SELECT * FROM 'a/b' WHERE timestamp() % 12 < 12"],
)
def test_binary_payloads_pass_as_they_are(sql: str) -> None:
    assert select(sql, b"\xff\x00") == b"\xff\x00"
    assert select(sql, b"plain text") == b"plain text"


def test_binary_payloads_can_be_encoded() -> None:
    assert select("SELECT encode(*, 'base64') AS data, topic() AS t FROM 'a/b'", b"\xff") == {
        "data": "/w==",
        "t": "a/b",
    }


def test_a_json_scalar_can_be_decoded() -> None:
    decoded = "decode(encode(*, 'base64'), 'base64')"
    sql = f"SELECT {decoded} AS value FROM 'a' WHERE {decoded} > 50"
    assert matches(sql, 80)
    assert select(sql, 80) == {"value": 80}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM 'a/b' WHERE device_type = 'thermostat'",
        "SELECT *, timestamp() AS timestamp FROM 'a/b'",
        "SELECT temperature FROM 'a/b'",
    ],
)
@pytest.mark.parametrize("payload", [b"\xff", b"", b"{", b'{"a": NaN}', b'{"a": 1E1000}', b"[" * 100_000])
def test_what_cannot_be_read_is_an_error(sql: str, payload: bytes) -> None:
    with pytest.raises(MessageError):
        compile_rule(sql, V2).matches(Message("a/b", payload))
    with pytest.raises(MessageError):
        select(sql, payload)


@pytest.mark.parametrize("version", [V1, V2])
def test_a_number_beyond_the_range_of_a_double_is_kept(version: str) -> None:
    assert select("SELECT * FROM 'a'", b'{"a": 1.5E400, "b": -1E309}', version) == {
        "a": 15 * 10**399,
        "b": -(10**309),
    }


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("", "at its end"),
        ("SELECT", "at its end"),
        ("SELECT a", None),
        ("SELECT a FROM topic", "near 'topic'"),
        ('SELECT a FROM "topic"', "near '\"topic\"'"),
        ("SELECT a FROM 'a' WHERE", "at its end"),
        ("SELECT a FROM 'a' LIMIT 1", "near 'LIMIT 1'"),
        ("SELECT a FROM 'a'; SELECT b FROM 'b'", "near ';"),
        ("SELECT a, FROM 'a'", "Syntax error"),
        ("SELECT DISTINCT a FROM 'a'", "Syntax error"),
        ("SELECT a FROM 'a' GROUP BY a", "near 'GROUP BY a'"),
        ("SELECT a FROM 'a' WHERE b LIKE 'c'", "near 'LIKE 'c''"),
        ("SELECT a FROM 'a' WHERE b == 1", "Syntax error"),
        ("SELECT a FROM 'a' WHEREb = 1", "Syntax error"),
        ("SELECT a[0] FROM 'a'", "near '[0] FROM"),
        ("SET @a = 1 SELECT @a AS a FROM 'a'", "near 'SET @a = 1"),
        ("DELETE FROM 'a'", "near 'DELETE"),
        ("SELECT 1 + 1 FROM 'a'", "needs AS"),
        ("SELECT CASE a WHEN 1 THEN 2 END FROM 'a'", "needs AS"),
        ("SELECT CASE a ELSE 2 END AS b FROM 'a'", "Syntax error"),
        ("SELECT 1E2000 AS a FROM 'a'", "out of range"),
        ("SELECT * FROM 'a/#/b'", "not a topic filter"),
        ("SELECT * FROM '$aws/rules/r/a'", "not a topic filter"),
        ("SELECT * FROM ''", "not a topic filter"),
        ("SELECT * FROM 'a' WHERE " + "NOT " * 1000 + "b", "nested too deeply"),
    ],
)
def test_statements_that_are_refused(sql: str, message: str | None) -> None:
    if message is None:
        assert compile_rule(sql, V2).topic_filter is None
        return
    with pytest.raises(SqlParseError) as error:
        compile_rule(sql, V2)
    assert message in str(error.value)


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(SqlParseError, match="'2020-01-01': expected one of 2015-10-08, 2016-03-23, beta"):
        compile_rule("SELECT * FROM 'a'", "2020-01-01")


def test_keywords_are_of_any_case_and_space() -> None:
    sql = "select\n\tCase a wHen 1 tHen 'one' End As name, order, in_stock\nfRom 'a/+/c' wHere nOt (a=2)Or b"
    rule = compile_rule(sql, V1)
    message = Message("a/b/c", b'{"a": 1, "b": false, "order": 5, "in_stock": true}')
    assert rule.topic_filter == "a/+/c"
    assert rule.matches(message)
    assert rule.select(message) == {"name": "one", "order": 5, "in_stock": True}
