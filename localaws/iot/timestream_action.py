# SPDX-License-Identifier: MIT
"""The timestream action: a rule's payload as one WriteRecords request.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/timestream-rule-action.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from localaws.iot.errors import ActionError

_MAX_RECORDS = 100
_EPOCH = re.compile(r"-?[0-9]+")


def write_request(action: Mapping[str, Any], payload: Any, time_ms: int) -> dict[str, Any]:
    """The WriteRecords request of a payload: each of its attributes a record of one measure.

    Null attributes are left out: Timestream has no value for them.

    :param action: the action's parameters, templates filled in.
    :param payload: what the rule's SELECT yields.
    :param time_ms: when the message was processed, the records' time unless the action names one.
    :raises ActionError: if the payload cannot be written, with the reason.
    """
    return {
        "DatabaseName": action["databaseName"],
        "TableName": action["tableName"],
        "CommonAttributes": {
            "Dimensions": _dimensions(action["dimensions"]),
            **_time(action.get("timestamp"), time_ms),
        },
        "Records": _records(payload),
    }


def _dimensions(dimensions: list[dict[str, str]]) -> list[dict[str, str]]:
    absent = [dimension["name"] for dimension in dimensions if not dimension["value"]]
    if absent:
        raise ActionError(f"The message gives no value for the dimension(s) {', '.join(absent)}")
    return [{"Name": dimension["name"], "Value": dimension["value"]} for dimension in dimensions]


def _time(timestamp: Mapping[str, str] | None, time_ms: int) -> dict[str, str]:
    if not timestamp:
        return {"Time": str(time_ms), "TimeUnit": "MILLISECONDS"}
    value = timestamp["value"]
    if not _EPOCH.fullmatch(value):
        raise ActionError(f"The timestamp must be a whole number since 1970, not {value!r}")
    return {"Time": value, "TimeUnit": timestamp.get("unit", "MILLISECONDS")}


def _records(payload: Any) -> list[dict[str, str]]:
    if not isinstance(payload, dict):
        raise ActionError("The payload of a timestream action must be a JSON object")
    records = [_record(name, value) for name, value in payload.items() if value is not None]
    if not 0 < len(records) <= _MAX_RECORDS:
        raise ActionError(f"A timestream action writes 1 to {_MAX_RECORDS} values, not {len(records)}")
    return records


def _record(name: str, value: Any) -> dict[str, str]:
    kind, text = _typed(value)
    return {"MeasureName": name, "MeasureValue": text, "MeasureValueType": kind}


def _typed(value: Any) -> tuple[str, str]:
    match value:
        case bool():
            return "BOOLEAN", str(value).lower()
        case int():
            return "BIGINT", str(value)
        case float():
            return "DOUBLE", repr(value)
        case str():
            return "VARCHAR", value
        case _:
            return "VARCHAR", json.dumps(value, separators=(",", ":"), ensure_ascii=False)
