# SPDX-License-Identifier: MIT
"""A table's columns: they come with the records that first use them, and keep their type for good.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/writes.html and .../ts-limits.html
"""

from __future__ import annotations

from localaws.timestream.records import Record
from localaws.timestream.schema import Column

DIMENSIONS_A_TABLE = 128
MEASURE_NAMES_A_TABLE = 8192
MEASURES_A_TABLE = 1024

FIXED = {
    "measure_name": Column("measure_name", "varchar", "measure_name"),
    "time": Column("time", "timestamp", "time"),
}
ORDER = {"dimension": 0, "measure_name": 1, "time": 2, "measure": 3}


class Columns:
    """The columns of one table by their lower-case name, and the type of each measure name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Column] = dict(FIXED)
        self._measure_types: dict[str, str] = {}
        self._seen: set[tuple[object, ...]] = set()

    def ordered(self) -> tuple[Column, ...]:
        """The columns as DESCRIBE shows them: dimensions, measure name, time, measures."""
        return tuple(sorted(self.by_name.values(), key=lambda column: ORDER[column.role]))

    def admit(self, record: Record) -> str | None:
        """Make room for a record's columns; or the reason why it doesn't fit the table."""
        form = (record.measures, *record.dimensions.values)
        if form in self._seen:
            return None
        reason = self._conflict(record) or self._excess(record)
        if reason is None:
            self._measure_types[record.measures.name] = _type(record)
            for name, column in _columns(record).items():
                self.by_name.setdefault(name, column)
            self._seen.add(form)
        return reason

    def _conflict(self, record: Record) -> str | None:
        known = self._measure_types.get(record.measures.name, _type(record))
        if known != _type(record):
            return (
                f"The measure name {record.measures.name} already exists with the measure value type "
                f"{known.upper()}: it can't be written as {_type(record).upper()}."
            )
        for name, column in _columns(record).items():
            existing = self.by_name.get(name, column)
            if existing.role != column.role:
                return f"The name {name} already exists as a {existing.role}: it can't be a {column.role}."
            if existing.type != column.type:
                return (
                    f"The measure {name} already exists with the data type {existing.type.upper()}: "
                    f"it can't be written as {column.type.upper()}."
                )
        return None

    def _excess(self, record: Record) -> str | None:
        if len({*self._measure_types, record.measures.name}) > MEASURE_NAMES_A_TABLE:
            return f"A table can't have more than {MEASURE_NAMES_A_TABLE} measure names."
        roles = [column.role for column in {**self.by_name, **_columns(record)}.values()]
        if roles.count("dimension") > DIMENSIONS_A_TABLE:
            return f"A table can't have more than {DIMENSIONS_A_TABLE} dimensions."
        if roles.count("measure") > MEASURES_A_TABLE:
            return f"A table can't have more than {MEASURES_A_TABLE} multi-measure attributes."
        return None


def _type(record: Record) -> str:
    return "multi" if record.measures.multi else record.measures.columns[0][1]


def _columns(record: Record) -> dict[str, Column]:
    dimensions = {
        column: Column(name, "varchar", "dimension") for column, name in record.dimensions.names.items()
    }
    measures = {
        column: Column(name, kind, "measure")
        for (column, kind), name in zip(record.measures.columns, record.measures.written, strict=True)
    }
    return {**dimensions, **measures}
