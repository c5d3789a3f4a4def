# SPDX-License-Identifier: MIT
"""What rules are made of, and which lists of rules are refused before AWS is asked."""

from typing import Any

import pytest

from filter_plugins.topic_rules import FilterModule

FILTERS = FilterModule().filters()
MEASURES = ["temperature", "humidity"]
DIMENSIONS = ["device_id"]


def rule(**settings: Any) -> dict[str, Any]:
    return {"key": "a", "name": "rule_a", "mode": "lambda", "topic": "a/b"} | settings


def sql(**settings: Any) -> Any:
    return FILTERS["topic_rule_sql"](rule(**settings), MEASURES, DIMENSIONS)


def faults(*rules: dict[str, Any]) -> Any:
    return FILTERS["topic_rule_faults"](list(rules), MEASURES, DIMENSIONS)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "SELECT * FROM 'a/b'"),
        ({"mode": "buffered", "topic": "a/+/c"}, "SELECT * FROM 'a/+/c'"),
        ({"topic": ""}, "SELECT *"),
        (
            {"mode": "direct"},
            "SELECT temperature * 1.0 AS temperature, humidity * 1.0 AS humidity FROM 'a/b'",
        ),
        ({"mode": "direct", "measures": ["co2"], "topic": None}, "SELECT co2 * 1.0 AS co2"),
        ({"sql": "SELECT x FROM 'y'\n"}, "SELECT x FROM 'y'"),
    ],
)
def test_sql_is_made_of_mode_and_topic_or_is_the_rules_own(settings: dict[str, Any], expected: str) -> None:
    assert sql(**settings) == expected


def test_two_opposite_rules_have_opposite_conditions() -> None:
    start, _, condition = sql(mode="direct", takes="storable").partition(" WHERE ")
    assert start == sql(mode="direct")
    assert sql(takes="rest") == f"SELECT * FROM 'a/b' WHERE NOT ({condition})"


def test_only_dimensions_that_are_attributes_of_the_message_are_held_to_be_texts() -> None:
    by_name = sql(takes="storable", dimensions=["device_id"])
    mapped = {"device": "${device_id}", "site": "${topic(2)}", "both": "${a}-${b}"}
    assert sql(takes="storable", dimensions=mapped) == by_name
    assert "device_id = substring(device_id, 0)" in by_name
    assert FILTERS["dimension_values"](mapped) == mapped
    assert FILTERS["dimension_values"](["a"]) == {"a": "${a}"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"name": "with-hyphen"}, ["rule with-hyphen:", "its name", "a-z, A-Z, 0-9 and _"]),
        (
            {"sql": "SELECT * FORM 'a'"},
            ["rule rule_a:", "line 1, column 10", "FORM 'a'", "expected: AS, FROM"],
        ),
        (
            {"sql": "SELECT a\nFROM 'b'\nWHERE a == 1"},
            ["line 3, column 10", "= 1", "expected: an expression"],
        ),
        ({"sql": "SELECT a FROM b"}, ["line 1, column 15", "expected: a topic in single quotes"]),
        ({"sql": "SELECT a FROM 'b' WHERE"}, ["at its end", "expected: an expression"]),
        ({"sql": "SELECT f(a FROM 'b'"}, ["line 1, column 12", "FROM 'b'"]),
        ({"sql": "SELECT a FROM 'b' WHERE a = 'x"}, ["line 1, column 29"]),
        ({"sql": ""}, ["at its end", "expected: SELECT"]),
        (
            {"sql": "SELECT time_to_epoch(a, 'yyyy') AS t FROM 'b'"},
            ["SQL version 2015-10-08 does not have time_to_epoch()", "2016-03-23"],
        ),
        ({"topic": "a/#/b"}, ["FROM 'a/#/b' is not a topic filter"]),
        ({"topic": "$aws/rules/rule_a"}, ["is not a topic filter"]),
        ({"mode": "direct", "dimensions": {"site": "${topic(2)"}}, ["value of site", "${topic(2)"]),
        ({"mode": "direct", "dimensions": {"site": "${topic(}"}}, ["value of site", "topic("]),
        (
            {"mode": "direct", "timestamp": {"value": "${ts *}", "unit": "SECONDS"}},
            ["value of value", "expected: an expression"],
        ),
    ],
)
def test_what_is_surely_wrong_is_told_with_rule_place_and_reason(
    settings: dict[str, Any], said: list[str]
) -> None:
    (fault,) = faults(rule(**settings))
    assert [text for text in said if text not in fault] == []


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"topic": None, "mode": "buffered"},
        {"topic": "$aws/things/+/shadow/update"},
        {"sql": "SELECT * FROM \"a/b\" WHERE x <> 'y'"},
        # https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-set.html
        {"sql": "SET @area = w * h SELECT @area AS area FROM 'a'", "sql_version": "2016-03-23"},
        {"sql": "SELECT ${topic()} AS t FROM 'a'"},
        {"sql": "SELECT a FROM 'a' WHERE b != 1"},
        # Functions that the embedded AWS lacks, and one that may come
        {"sql": "SELECT get_thing_shadow('a', 'arn') AS s FROM 'a'", "sql_version": "2016-03-23"},
        {"sql": "SELECT some_day(a) AS s FROM 'a'"},
        {"sql": "SELECT a * 2 FROM 'a'"},
        {"sql": "SELECT time_to_epoch(a, 'yyyy') AS t FROM 'b'", "sql_version": "2016-03-23"},
        {"mode": "direct", "dimensions": {"site": "${topic(2)}", "kind": "fixed"}},
        {"sql": "SELECT FROM", "state": "absent"},
    ],
)
def test_what_aws_takes_or_may_take_is_not_refused(settings: dict[str, Any]) -> None:
    assert faults(rule(**settings)) == []


def test_rules_that_share_a_name_or_a_key_are_refused() -> None:
    assert faults(rule(), rule(key="b")) == ["name rule_a: 2 rules have it; allowed: each its own"]
    assert faults(rule(), rule(name="rule_b")) == ["key a: 2 rules have it; allowed: each its own"]
    assert faults(rule(), rule(state="absent")) == []


def test_a_message_that_one_rule_leaves_is_taken_by_another() -> None:
    direct = rule(mode="direct", takes="storable")
    rest = rule(key="b", name="rule_b", takes="rest")
    assert faults(direct, rest) == []
    for alone in ([direct], [direct, rest | {"state": "absent"}], [direct, rest | {"topic": "c"}]):
        (fault,) = faults(*alone)
        assert fault == "rule rule_a: takes=storable, but no rule takes the rest of a/b"
    (fault,) = faults(direct | {"topic": ""})
    assert fault == "rule rule_a: takes=storable needs a topic, which another rule takes too"


@pytest.mark.parametrize(
    ("settings", "reads"),
    [
        ({}, False),
        ({"takes": "rest"}, True),
        ({"mode": "direct"}, True),
        ({"mode": "direct", "takes": "storable"}, False),
        ({"sql": "SELECT a FROM 'b'"}, True),
        ({"takes": "rest", "state": "absent"}, False),
    ],
)
def test_which_rules_lose_messages_that_are_not_json(settings: dict[str, Any], reads: bool) -> None:
    assert FILTERS["topic_rule_reads_attributes"](rule(**settings)) is reads
    assert FILTERS["topic_rules_reading_attributes"]([rule(**settings)]) == [rule(**settings)] * reads
