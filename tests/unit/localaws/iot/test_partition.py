# SPDX-License-Identifier: MIT
"""Two rules on one topic with opposite conditions: exactly one of them takes each message.

AND, OR and NOT are Undefined over what is not Boolean, and then neither rule would fire. These conditions, in
the SQL of 2015-10-08, have no such case.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localaws.iot.message import Message
from localaws.iot.sql import compile_rule

VERSION = "2015-10-08"
MEASURES = "temperature", "humidity"


def absent(name: str) -> str:
    return f"nanvl({name} <> {name}, true)"


def number(name: str) -> str:
    return f"nanvl({name} * 1.0, 'none') <> 'none'"


def text(name: str) -> str:
    return f"nanvl({name} = substring({name}, 0), false)"


STORABLE = " AND ".join(
    [f"({absent('timestamp')} OR {number('timestamp')})", f"NOT {text('timestamp')}", text("device_id")]
    + [f"(NOT {absent(MEASURES[0])} OR NOT {absent(MEASURES[1])})"]
    + [f"({absent(name)} OR {number(name)})" for name in MEASURES]
)
COLUMNS = ", ".join(f"{name} * 1.0 AS {name}" for name in MEASURES)
DIRECT = compile_rule(f"SELECT {COLUMNS} FROM 'topic/sensors' WHERE {STORABLE}", VERSION)
CHECKED = compile_rule(f"SELECT * FROM 'topic/sensors' WHERE NOT ({STORABLE})", VERSION)

NUMBERS = st.integers() | st.floats(-1e300, 1e300)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text() | st.sampled_from(["25", "1E3", "true", "none", ""])
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)
READINGS = st.fixed_dictionaries({}, optional=dict.fromkeys(("timestamp", "device_id", *MEASURES), ANYTHING))


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@given(READINGS | ANYTHING)
def test_exactly_one_of_the_pair_takes_a_message(payload: Any) -> None:
    message = Message("topic/sensors", json.dumps(payload).encode())
    assert DIRECT.matches(message) != CHECKED.matches(message)


@given(
    st.fixed_dictionaries(
        {"device_id": st.text(min_size=1), "temperature": NUMBERS},
        optional={"timestamp": NUMBERS, "humidity": NUMBERS},
    )
)
def test_sound_readings_go_the_direct_way_as_decimals(payload: dict[str, Any]) -> None:
    message = Message("topic/sensors", json.dumps(payload).encode())
    assert DIRECT.matches(message)
    selected = DIRECT.select(message)
    assert selected.keys() == payload.keys() & set(MEASURES)
    assert all(isinstance(value, float) for value in selected.values())


@given(READINGS)
def test_nothing_is_lost_of_what_goes_the_direct_way(payload: dict[str, Any]) -> None:
    message = Message("topic/sensors", json.dumps(payload).encode())
    if DIRECT.matches(message):
        assert DIRECT.select(message).keys() == payload.keys() & set(MEASURES)
        assert isinstance(payload["device_id"], str)
        assert is_number(payload.get("timestamp", 0))
    else:
        assert CHECKED.select(message) == payload
