# SPDX-License-Identifier: MIT
"""Topic filters, by https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-from.html."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.iot.topics import basic_ingest, is_filter, matches

TOPICS = st.lists(st.text("abc$ é", max_size=3), min_size=1, max_size=5).map("/".join).filter(bool)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("topic/subtopic", "topic/subtopic", True),
        ("topic/subtopic", "topic/subtopic-2", False),
        ("topic/#", "topic/subtopic", True),
        ("topic/#", "topic/subtopic-3/details", True),
        ("topic/#", "topic", True),
        ("topic/#", "topic-2/subtopic-x", False),
        ("topic/+", "topic/subtopic-2", True),
        ("topic/+", "topic/subtopic-3/details", False),
        ("topic/+", "topic", False),
        ("topic/+", "topic/", True),
        ("+/+", "a/b", True),
        ("+/b/#", "a/b/c/d", True),
        ("#", "a/b", True),
        ("#", "$aws/things/x", False),
        ("+/things", "$aws/things", False),
        ("$aws/things/+", "$aws/things/x", True),
        ("Topic", "topic", False),
    ],
)
def test_matches(topic_filter: str, topic: str, expected: bool) -> None:
    assert matches(topic_filter, topic) is expected


@given(TOPICS)
def test_a_topic_matches_itself_and_every_wildcard_in_its_place(topic: str) -> None:
    levels = topic.split("/")
    assert matches(topic, topic)
    assert not matches(f"{topic}/+", topic)
    for position in range(0 if not topic.startswith("$") else 1, len(levels)):
        assert matches("/".join([*levels[:position], "+", *levels[position + 1 :]]), topic)
        assert matches("/".join([*levels[:position], "#"]), topic)


@pytest.mark.parametrize("text", ["a", "a/+/b", "a/#", "#", "+", "a//b", "$aws/events/#"])
def test_filters_that_a_rule_may_have(text: str) -> None:
    assert is_filter(text)


@pytest.mark.parametrize("text", ["", "a#", "#/a", "a+/b", "a/+b", "$aws/rules/r/a"])
def test_filters_that_a_rule_may_not_have(text: str) -> None:
    assert not is_filter(text)


def test_basic_ingest() -> None:
    assert basic_ingest("$aws/rules/Rule/a/b") == ("Rule", "a/b")
    assert basic_ingest("$aws/rules/Rule") == ("Rule", "")
    assert basic_ingest("a/b") is None
