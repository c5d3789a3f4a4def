# SPDX-License-Identifier: MIT
"""What `status` shows, as tables for a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from rich import box
from rich.filesize import decimal
from rich.table import Table

from localaws import settings
from localaws.process import Instance

SITE = {"account": "account", "region": "region"}
NAMES = {"database": "database", "table": "table"}
COUNTS = {
    "records": "records",
    "memory_bytes": "memory store",
    "magnetic_bytes": "magnetic store",
    "metered_bytes": "writes metered",
    "magnetic_conflicts": "late conflicts",
}
"""What is told of a Timestream table, and the heading it has."""


def tables(instance: Instance, status: dict[str, Any]) -> Iterator[Table]:
    """The server, and then, if there are any, Timestream's tables.

    :param status: the page /_localaws/status.
    """
    yield server(instance, status)
    if status["timestream"]:
        yield timestream(status["timestream"])


def server(instance: Instance, status: dict[str, Any]) -> Table:
    """The server in a few lines."""
    table = Table(show_header=False)
    table.add_row("endpoint", instance.endpoint)
    table.add_row("process", str(instance.pid))
    table.add_row("up for", str(timedelta(seconds=int(time.time() - status["started"]))))
    table.add_row("clock ahead by", str(timedelta(seconds=status["clock_ahead_seconds"])))
    table.add_row("requests", f"{status['requests']:,}, of them {status['errors']:,} refused")
    table.add_row("most memory", decimal(status["peak_memory_bytes"]))
    table.add_row("services", str(status["services"]))
    table.add_row("state", status["state"])
    return table


def timestream(lines: list[dict[str, Any]]) -> Table:
    """Timestream's tables, a line each; a database without tables has a line of its own."""
    elsewhere = {(line["account"], line["region"]) for line in lines} != {(settings.ACCOUNT, settings.REGION)}
    names = (SITE if elsewhere else {}) | NAMES
    table = Table(box=box.SIMPLE_HEAD, title="Timestream", title_justify="left")
    for heading in names.values():
        table.add_column(heading, overflow="fold")
    for heading in COUNTS.values():
        table.add_column(heading, justify="right")
    for line in lines:
        table.add_row(*(cell(name, line.get(name)) for name in names | COUNTS))
    return table


def cell(name: str, value: Any) -> str:
    """A value in its cell."""
    if value is None:
        return ""
    if name.endswith("_bytes"):
        return decimal(value)
    return f"{value:,}" if isinstance(value, int) else str(value)
