# SPDX-License-Identifier: MIT
"""AlarmRule.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.cloudwatch.errors import ValidationError
from localaws.cloudwatch.rules import compile_rule

STATES = st.sampled_from(["OK", "ALARM", "INSUFFICIENT_DATA"])
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"


@given(cpu=STATES, disk=STATES, network=STATES)
def test_the_page_s_examples(cpu: str, disk: str, network: str) -> None:
    state = {"CPUUtilizationTooHigh": cpu, "DiskReadOpsTooHigh": disk, "NetworkOutTooHigh": network}.get
    both = compile_rule("ALARM(CPUUtilizationTooHigh) AND ALARM(DiskReadOpsTooHigh)")
    assert both.holds(state) == (cpu == disk == "ALARM")
    but = compile_rule("ALARM(CPUUtilizationTooHigh) AND NOT ALARM(NetworkOutTooHigh)")
    assert but.holds(state) == (cpu == "ALARM" != network)
    either = compile_rule(
        '(ALARM("CPUUtilizationTooHigh") OR\n ALARM("DiskReadOpsTooHigh")) AND OK("NetworkOutTooHigh")'
    )
    assert either.holds(state) == ("ALARM" in (cpu, disk) and network == "OK")


@pytest.mark.parametrize(
    ("rule", "holds", "children"),
    [
        ("TRUE", True, []),
        ("FALSE", False, []),
        ("NOT FALSE AND TRUE", True, []),
        ("FALSE AND FALSE OR TRUE", True, []),
        ("INSUFFICIENT_DATA(a)", False, ["a"]),
        ("ALARM(nowhere)", False, ["nowhere"]),
        (f"ALARM({ARN}a) AND ALARM(a)", True, ["a"]),
        ('ALARM("with (odd) \\"name\\"")', False, ['with (odd) "name"']),
        ("ALARM(OK) OR ALARM(AND) OR NOT ALARM(NOT)", True, ["OK", "AND", "NOT"]),
    ],
)
def test_rules(rule: str, holds: bool, children: list[str]) -> None:
    compiled = compile_rule(rule)
    assert compiled.holds({"a": "ALARM"}.get) is holds
    assert compiled.children == children


def test_which_children_agree() -> None:
    state = {"a": "ALARM", "b": "OK", "c": "OK"}.get
    rule = compile_rule("ALARM(a) AND (ALARM(b) OR NOT ALARM(c))")
    assert rule.agreeing(state, True) == ["a", "c"]
    assert rule.agreeing(state, False) == ["b"]


@pytest.mark.parametrize(
    ("rule", "token", "place"),
    [
        ("ALARM(a) FOO", "FOO", 9),
        ("ALARM(a", "<EOF>", 7),
        ("", "<EOF>", 0),
        ("alarm(a)", "alarm", 0),
        ("ALARM()", ")", 6),
    ],
)
def test_what_is_no_rule(rule: str, token: str, place: int) -> None:
    with pytest.raises(ValidationError) as caught:
        compile_rule(rule)
    assert caught.value.message == f"Error in AlarmRule [Unsupported token '{token}' at char {place}]"


def test_a_rule_has_a_hundred_children_at_most() -> None:
    compile_rule(" OR ".join(f"ALARM(a{number})" for number in range(100)))
    with pytest.raises(ValidationError, match="at most 100"):
        compile_rule(" OR ".join(f"ALARM(a{number})" for number in range(101)))
