# SPDX-License-Identifier: MIT
"""JSON text that any parser takes, of whatever came in."""

from __future__ import annotations

import json
import math

_DEEPEST = (
    20  # levels; Python's own limit would otherwise fail the report of a message that is nested to no end
)


def to_json(value: object) -> str:
    """The value as JSON in ASCII: NaN and infinities become text, what is nested too deep "..."."""
    return json.dumps(_strict(value, _DEEPEST))


def _strict(value: object, depth: int) -> object:
    match value:
        case float() if not math.isfinite(value):
            return json.dumps(value)
        case dict() | list() if depth == 0:
            return "..."
        case dict():
            return {key: _strict(item, depth - 1) for key, item in value.items()}
        case list():
            return [_strict(item, depth - 1) for item in value]
    return value
