# SPDX-License-Identifier: MIT
"""What the ingest function says it could not store: the report that is its error's message.

    {"received": 4, "stored": 3, "rejected": [{"index": 0, "reading": {...}, "reason": "..."}]}

Where it would be too long it is cut, by the function (`left_out`), or on a dead letter by Lambda,
in mid-text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from demo.message import Key, Message

_REASON = re.compile(r'"reason": ("(?:[^"\\]|\\.)*")')


def refused_by_function(messages: Sequence[Message], error: dict[str, Any]) -> dict[Key, str]:
    """Why readings of an invocation may not be stored, from the error it ended with.

    A reading that the report names has its own reason. Where the report is cut or there is none, every
    reading gets one: the table has to tell which of them it has.
    """
    text = str(error.get("errorMessage", error))
    report = _report(text)
    if report is None:
        return _all(messages, f"the function failed: {text}")
    refused = _all(messages, "refused; the function's log says why") if report.get("left_out") else {}
    for entry in report["rejected"]:
        refused |= dict.fromkeys(_keys(messages[entry["index"]], entry.get("reading")), entry["reason"])
    return refused


def reason_in(text: str) -> str:
    """The reasons in a report, cut or whole, or else the text itself."""
    reasons = dict.fromkeys(json.loads(quoted) for quoted in _REASON.findall(text))
    return "; ".join(reasons) or text


def _report(text: str) -> dict[str, Any] | None:
    try:
        report = json.loads(text)
    except ValueError:
        return None
    return report if isinstance(report, dict) and isinstance(report.get("rejected"), list) else None


def _keys(message: Message, reading: Any) -> list[Key]:
    """The reading that an entry is about; all of its message's, if it names none."""
    measure = reading.get("metric_name") if isinstance(reading, dict) else None
    keys = [key for key, _ in message.readings()]
    return [key for key in keys if key.measure == measure] or keys


def _all(messages: Sequence[Message], reason: str) -> dict[Key, str]:
    return {key: reason for message in messages for key, _ in message.readings()}
