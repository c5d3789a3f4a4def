# SPDX-License-Identifier: GPL-3.0-or-later
"""A filter that tells what Timestream would refuse of a list of tables, before anything is made.

A table is a mapping: its `name`, and what roles/timestream/defaults/main.yml says of it.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/ts-limits.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

NAME = re.compile(r"[A-Za-z0-9_.-]{3,256}")
WHOLE = re.compile(r"[1-9][0-9]*")
MOST = {"memory_store_retention_hours": 8766, "magnetic_store_retention_days": 73000}
KNOWN = ("name", "database", *MOST, "magnetic_store_writes", "partition_key", "tags")
OF_ROLLUPS = ("scheduled_query", "source", "record_model")
KEY_TYPES = ("DIMENSION", "MEASURE")
ENFORCEMENTS = ("REQUIRED", "OPTIONAL")

Table = Mapping[str, Any]


def faults(lists: Sequence[Sequence[Table]], database: str) -> list[str]:
    """What is wrong with tables, a sentence each: table, value and what is allowed.

    :param lists: the tables, in as many lists as settings make them up; more_tables is one of them.
    :param database: of the tables that name no other.
    """
    wrong = [
        f"more_tables={tables} can't be used; allowed: a list of mappings"
        for tables in lists
        if not _is_list(tables)
    ]
    tables = [table for tables in lists if _is_list(tables) for table in tables]
    places = Counter((str(table.get("database", database)), str(table.get("name"))) for table in tables)
    twice = [
        f"table {name}: it is there {times} times in the database {place}; allowed: once"
        for (place, name), times in places.items()
        if times > 1
    ]
    return (
        wrong
        + twice
        + [f"table {table.get('name')}: {fault}" for table in tables for fault in _faults(table)]
    )


def _faults(table: Table) -> Iterator[str]:
    for option in sorted(set(table) - {*KNOWN, *OF_ROLLUPS}):
        yield f"{option} is none of its settings; allowed: {', '.join(KNOWN)}"
    for option in ("name", "database"):
        if not NAME.fullmatch(str(table.get(option, "" if option == "name" else "default"))):
            yield f"{option}={table.get(option)} can't be used; allowed: 3 to 256 of A-Z, a-z, 0-9, _, ., -"
    for option, most in MOST.items():
        number = str(table.get(option, 1))
        if not (WHOLE.fullmatch(number) and int(number) <= most):
            yield f"{option}={number} can't be used; allowed: 1 to {most}"
    if str(table.get("magnetic_store_writes", True)).lower() not in ("true", "false"):
        yield f"magnetic_store_writes={table['magnetic_store_writes']} can't be used; allowed: true, false"
    if not isinstance(table.get("tags", {}), Mapping):
        yield f"tags={table['tags']} can't be used; allowed: a mapping of names to texts"
    yield from key_faults(table.get("partition_key", []))


def key_faults(keys: Any) -> Iterator[str]:
    """What is wrong with a partition key: none, or one."""
    value = f"partition_key={keys} can't be used"
    if not _is_list(keys) or len(keys) > 1:
        yield f"{value}; allowed: a list of no or one mapping with type, name and enforcement"
        return
    for key in keys:
        if key.get("type") not in KEY_TYPES:
            yield f"{value}; allowed: type {' or '.join(KEY_TYPES)}"
        elif (key["type"] == "DIMENSION") != bool(key.get("name")):
            yield f"{value}; allowed: a name with type DIMENSION, and only with that"
        elif key.get("enforcement", "OPTIONAL") not in ENFORCEMENTS:
            yield f"{value}; allowed: enforcement {' or '.join(ENFORCEMENTS)}"


def _is_list(value: Any) -> bool:
    """Whether it is a list of mappings."""
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and all(isinstance(each, Mapping) for each in value)
    )


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """Name -> filter."""
        return {
            "timestream_table_faults": faults,
            "timestream_partition_key_faults": lambda keys: list(key_faults(keys)),
        }
