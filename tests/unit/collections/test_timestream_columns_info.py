# SPDX-License-Identifier: MIT
"""The module timestream_columns_info, against the embedded AWS."""

from __future__ import annotations

import time
from typing import Any

TABLE = {"DatabaseName": "columns-of", "TableName": "a.table"}
ARGUMENTS = {"database": "columns-of", "name": "a.table"}


def test_columns_come_with_records(aws: Any, run_module: Any) -> None:
    write = aws.client("timestream-write")
    assert columns(run_module) == {}
    write.create_database(DatabaseName=TABLE["DatabaseName"])
    assert columns(run_module) == {}
    write.create_table(**TABLE)
    assert "measure_value::double" not in columns(run_module)
    record = {
        "Dimensions": [{"Name": "device_id", "Value": "one"}],
        "MeasureName": "temperature",
        "MeasureValue": "21.5",
        "Time": str(int(time.time() * 1000)),
    }
    write.write_records(**TABLE, Records=[record])
    assert columns(run_module) == {
        "device_id": "varchar",
        "measure_name": "varchar",
        "time": "timestamp",
        "measure_value::double": "double",
    }


def columns(run_module: Any) -> Any:
    predicted = run_module("timestream_columns_info", check=True, **ARGUMENTS)
    found = run_module("timestream_columns_info", **ARGUMENTS)
    assert predicted == found
    assert found["changed"] is False
    return found["columns"]
