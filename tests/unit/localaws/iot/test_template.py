# SPDX-License-Identifier: MIT
"""Substitution templates, by https://docs.aws.amazon.com/iot/latest/developerguide/iot-substitution-templates.html."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.iot.errors import SqlParseError
from localaws.iot.message import Message
from localaws.iot.template import compile_parameters

V1, V2 = "2015-10-08", "2016-03-23"


def fill(parameters: Any, message: dict[str, Any] | bytes, version: str = V2) -> Any:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    return compile_parameters(parameters, version)(Message("my/iot/topic", payload, time_ms=1579637878451))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${topic()}/republish", "my/iot/topic/republish"),
        ("plain", "plain"),
        ("", ""),
        ("$ {a} $", "$ {a} $"),
        ("${s}", "text"),
        ("${n}", "26"),
        ("${b}", "true"),
        ("${list}", '[1,{"a":"é"}]'),
        ("${nothing}|${absent}", "|"),
        ("${n + 1}-${timestamp()}", "27-1579637878451"),
        ("${get({'a': 'x}'}, 'a')}", "x}"),
        ("${'}'}${\"{\"}", "}{"),
        ("${replace(topic(), '/', '-') + '-' + timestamp()}", "my-iot-topic-1579637878451"),
    ],
)
def test_text(text: str, expected: str) -> None:
    message = {"s": "text", "n": 26, "b": True, "list": [1, {"a": "é"}], "nothing": None}
    assert fill(text, message) == expected


def test_a_decimal_keeps_its_point_in_2015() -> None:
    assert fill("${n}", b'{"n": 26.0}', V1) == "26.0"
    assert fill("${n}", b'{"n": 26.0}', V2) == "26"


def test_all_parameters_but_the_verbatim_ones_are_filled_in() -> None:
    action = {
        "roleArn": "${a}",
        "dimensions": [{"name": "${a}", "value": "${a}"}],
        "timestamp": {"value": "${a}", "unit": "SECONDS"},
        "useBase64": False,
    }
    assert fill(action, {"a": "x"}) == {
        "roleArn": "${a}",
        "dimensions": [{"name": "${a}", "value": "x"}],
        "timestamp": {"value": "x", "unit": "SECONDS"},
        "useBase64": False,
    }


def test_attributes_of_what_is_not_json_are_undefined() -> None:
    assert fill("<${a}>", b"\xff") == "<>"


@pytest.mark.parametrize(
    "text", ["${", "${a", "${}", "${a b}", "${nope()}", "x ${SELECT a FROM 'b'}", "${'a}"]
)
def test_a_malformed_template_is_refused(text: str) -> None:
    with pytest.raises(SqlParseError):
        compile_parameters(text, V2)


def test_a_template_has_the_version_of_its_rule() -> None:
    compile_parameters("${isUndefined(a)}", V2)
    with pytest.raises(SqlParseError, match="2015-10-08 does not have isUndefined"):
        compile_parameters({"value": ["${isUndefined(a)}"]}, V1)


@given(st.text().filter(lambda text: "${" not in text))
def test_text_without_a_template_is_left_alone(text: str) -> None:
    assert fill(text, {}) == text
