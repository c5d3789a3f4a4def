# SPDX-License-Identifier: MIT
"""What `status` shows."""

import io
import time
from typing import Any

from rich.console import Console

from localaws import report
from localaws.process import Instance

STATUS: dict[str, Any] = {
    "pid": 7,
    "clock_ahead_seconds": 90.0,
    "requests": 12_345,
    "errors": 67,
    "peak_memory_bytes": 140_000_000,
    "services": 92,
    "state": "/home/me/.localaws",
    "timestream": [],
}
LINE = {
    "account": "000000000000",
    "region": "us-east-1",
    "database": "plant",
    "table": "readings",
    "records": 1_234_567,
    "memory_bytes": 98_765_432,
    "magnetic_bytes": 5_000,
    "metered_bytes": 123_456_789,
    "magnetic_conflicts": 0,
}


def shown(*lines: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=160)
    status = STATUS | {"started": time.time() - 3600, "timestream": list(lines)}
    for table in report.tables(Instance(7, 4566), status):
        console.print(table)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_the_server_in_a_few_lines() -> None:
    text = shown()
    for part in ("http://127.0.0.1:4566", "1:00:", "0:01:30", "12,345, of them 67", "140.0 MB", ".localaws"):
        assert part in text
    assert "Timestream" not in text


def test_a_table_has_a_line() -> None:
    text = shown(LINE)
    for part in ("plant", "readings", "1,234,567", "98.8 MB", "5.0 kB", "123.5 MB"):
        assert part in text
    assert "us-east-1" not in text


def test_a_database_without_tables_is_there() -> None:
    assert "empty" in shown({"account": "000000000000", "region": "us-east-1", "database": "empty"})


def test_accounts_and_regions_are_told_when_there_are_others() -> None:
    text = shown(LINE, LINE | {"account": "111111111111", "region": "eu-west-1"})
    for part in ("000000000000", "us-east-1", "111111111111", "eu-west-1"):
        assert part in text
