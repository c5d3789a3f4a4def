# SPDX-License-Identifier: MIT
"""How the tests of the rules engine evaluate an expression."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localaws.iot.message import Message
from localaws.iot.sql import compile_expression
from localaws.iot.values import Value

Evaluate = Callable[..., Value]


@pytest.fixture(scope="session")
def evaluate() -> Evaluate:
    """The value of an expression over a payload, in the SQL version 2016-03-23 if none is named."""

    def run(text: str, payload: Any = None, version: str = "2016-03-23") -> Value:
        message = Message("topic/sensors", json.dumps(payload or {}).encode())
        return compile_expression(text, version)(message)

    return run
