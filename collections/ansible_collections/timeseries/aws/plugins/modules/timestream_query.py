#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks Amazon Timestream for LiveAnalytics a question in SQL."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: timestream_query
version_added: 0.1.0
short_description: Run a query of Amazon Timestream for LiveAnalytics
description:
  - Runs a query and returns all its rows, with values of Ansible's types rather than the strings of the API.
  - It only reads, so it runs in check mode too. C(UNLOAD), which writes, is refused.
options:
  query:
    description:
      - The SQL.
      - AWS charges for what a query scans; limit it by time.
    type: str
    required: true
attributes:
  check_mode:
    description: Runs the query, which changes nothing.
    support: full
  diff_mode:
    description: Nothing changes.
    support: none
author:
  - The timeseries-ansible authors (@timeseries-ansible)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Ask for hourly averages
  timeseries.aws.timestream_query:
    query: >-
      SELECT device_id, bin(time, 1h) AS hour, avg(measure_value::double) AS temperature
      FROM "iot-timeseries-prod"."sensor-data"
      WHERE measure_name = 'temperature' AND time > ago(1d)
      GROUP BY device_id, bin(time, 1h)
  register: hourly

- name: Show the hottest
  ansible.builtin.debug:
    msg: "{{ hourly.rows | sort(attribute='temperature') | last }}"

- name: Run a query kept in a file
  timeseries.aws.timestream_query:
    query: "{{ lookup('ansible.builtin.file', 'files/queries/latest.sql') }}"
"""

RETURN = r"""
rows:
  description:
    - A dictionary a row, keyed by column.
    - Bigint and integer become int, double float, boolean bool, and NULL null. An array becomes a list, a row
      a dictionary, a time series a list of dictionaries with V(time) and V(value).
      Everything else, times included, stays the string that Timestream prints.
    - A column or field without a name is called V(_col0), V(_col1) and so on, by its place.
  returned: success
  type: list
  elements: dict
  sample: [{device_id: sensor-001, hour: "2026-01-01 12:00:00.000000000", temperature: 21.4}]
columns:
  description: The columns in order, each with its name and its type as SQL writes it.
  returned: success
  type: list
  elements: dict
  sample: [{name: device_id, type: varchar}, {name: hour, type: timestamp}, {name: temperature, type: double}]
query_id:
  description: By what AWS knows the query.
  returned: success
  type: str
  sample: AEBQEANNXE6PHHDGXMY5UG33TQTCGTIE5ZVOOBUO7GXFWJF7PPY2QXFEOXXMWKI
bytes_scanned:
  description: How many bytes the query scanned.
  returned: success
  type: int
  sample: 120000
bytes_metered:
  description: How many bytes AWS charges for.
  returned: success
  type: int
  sample: 10000000
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.timeseries.aws.plugins.module_utils.resource import retrying_client
from ansible_collections.timeseries.aws.plugins.module_utils.timestream import (
    TimestreamError,
    pages,
)

# Shapes of the answer: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_Datum.html
SCALARS: dict[str, Callable[[str], Any]] = {
    "BIGINT": int,
    "INTEGER": int,
    "DOUBLE": float,
    "BOOLEAN": lambda text: text == "true",
}
UNLOAD = re.compile(r"(\s|--[^\n]*\n|/\*([^*]|\*(?!/))*\*/)*unload\b", re.IGNORECASE)


def names(columns: list[dict[str, Any]]) -> list[str]:
    """The columns' names; one without a name is called by its place.

    TimestreamError if two are the same, since a row could then not hold both.
    """
    found = [column.get("Name") or f"_col{place}" for place, column in enumerate(columns)]
    twice = [name for name, count in Counter(found).items() if count > 1]
    if twice:
        raise TimestreamError(f"More than one column is named {', '.join(twice)}: give each a name with AS")
    return found


def type_name(kind: dict[str, Any]) -> str:
    """A column's Type as SQL writes it, such as `array(double)`."""
    if "ArrayColumnInfo" in kind:
        return f"array({type_name(kind['ArrayColumnInfo']['Type'])})"
    if "TimeSeriesMeasureValueColumnInfo" in kind:
        return f"timeseries({type_name(kind['TimeSeriesMeasureValueColumnInfo']['Type'])})"
    if "RowColumnInfo" in kind:
        fields = kind["RowColumnInfo"]
        described = (f"{field.get('Name', '')} {type_name(field['Type'])}".strip() for field in fields)
        return f"row({', '.join(described)})"
    return str(kind["ScalarType"]).lower()


def value(datum: dict[str, Any], kind: dict[str, Any]) -> Any:
    """A Datum as a value of Python's, by its column's Type."""
    if datum.get("NullValue"):
        return None
    if "ArrayValue" in datum:
        return [value(item, kind["ArrayColumnInfo"]["Type"]) for item in datum["ArrayValue"]]
    if "TimeSeriesValue" in datum:
        inner = kind["TimeSeriesMeasureValueColumnInfo"]["Type"]
        return [
            {"time": point["Time"], "value": value(point["Value"], inner)}
            for point in datum["TimeSeriesValue"]
        ]
    if "RowValue" in datum:
        return row(datum["RowValue"], kind["RowColumnInfo"])
    return SCALARS.get(kind["ScalarType"], str)(datum["ScalarValue"])


def row(answer: dict[str, Any], columns: list[dict[str, Any]]) -> dict[str, Any]:
    """A Row as a dictionary by column."""
    data = zip(names(columns), columns, answer["Data"], strict=True)
    return {name: value(datum, column["Type"]) for name, column, datum in data}


def answer(module: AnsibleAWSModule) -> dict[str, Any]:
    """The module's result."""
    query = module.params["query"]
    if UNLOAD.match(query):
        raise TimestreamError("This module only reads, and UNLOAD writes: see timestream_export")
    answers = pages(retrying_client(module, "timestream-query"), query)
    last = answers[-1]
    columns, status = last["ColumnInfo"], last.get("QueryStatus", {})
    named = zip(names(columns), columns, strict=True)
    return {
        "rows": [row(found, columns) for page in answers for found in page["Rows"]],
        "columns": [{"name": name, "type": type_name(column["Type"])} for name, column in named],
        "query_id": last["QueryId"],
        "bytes_scanned": status.get("CumulativeBytesScanned", 0),
        "bytes_metered": status.get("CumulativeBytesMetered", 0),
    }


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec={"query": {"required": True}}, supports_check_mode=True)
    try:
        module.exit_json(changed=False, **answer(module))
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)


if __name__ == "__main__":
    main()
