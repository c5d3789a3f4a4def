# SPDX-License-Identifier: MIT
"""A table's columns: they come with the records that first use them, and keep their type for good.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/writes.html and .../ts-limits.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from localaws.timestream.records import Record
from localaws.timestream.schema import Column

DIMENSIONS_A_TABLE = 128
MEASURE_NAMES_A_TABLE = 8192
MEASURES_A_TABLE = 1024

FIXED = (Column("measure_name", "varchar", "measure_name"), Column("time", "timestamp", "time"))
ORDER = {"dimension": 0, "measure_name": 1, "time": 2, "measure": 3}


class Columns:
    """The columns of one table by their lower-case name, and the type of each measure name.

    :param columns: those that it has already, beside the two that every table has.
    :param measure_types: the types of the measure names that it has already.
    """

    def __init__(self, columns: Iterable[Column], measure_types: Mapping[str, str]) -> None:
        self.by_name: dict[str, Column] = {column.name.lower(): column for column in (*FIXED, *columns)}
        self.measure_types = dict(measure_types)
        self._seen: set[tuple[object, ...]] = set()

    def ordered(self) -> tuple[Column, ...]:
        """The columns as DESCRIBE shows them: dimensions, measure name, time, measures."""
        return tuple(sorted(self.by_name.values(), key=lambda column: ORDER[column.role]))

    def refusal(self, record: Record) -> str | None:
        """The reason why a record doesn't fit the table, if it doesn't."""
        if (record.measures, record.dimensions.columns) in self._seen:
            return None
        return self._conflict(record) or self._excess(record)

    def add(self, record: Record) -> None:
        """Make room for a record that fits."""
        form = (record.measures, record.dimensions.columns)
        if form not in self._seen:
            self._seen.add(form)
            self.measure_types[record.measures.name] = _type(record)
            for name, column in _columns(record).items():
                self.by_name.setdefault(name, column)

    def _conflict(self, record: Record) -> str | None:
        known = self.measure_types.get(record.measures.name, _type(record))
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
        new = record.measures.name not in self.measure_types
        if len(self.measure_types) + new > MEASURE_NAMES_A_TABLE:
            return f"A table can't have more than {MEASURE_NAMES_A_TABLE} measure names."
        columns = {**self.by_name, **_columns(record)}.values()
        if sum(column.role == "dimension" for column in columns) > DIMENSIONS_A_TABLE:
            return f"A table can't have more than {DIMENSIONS_A_TABLE} dimensions."
        if sum(column.role == "measure" and not column.is_single for column in columns) > MEASURES_A_TABLE:
            return f"A table can't have more than {MEASURES_A_TABLE} multi-measure attributes."
        return None


def _type(record: Record) -> str:
    return "multi" if record.measures.multi else record.measures.columns[0][1]


def _columns(record: Record) -> dict[str, Column]:
    written = dict(zip(record.dimensions.columns, record.dimensions.pairs, strict=True))
    dimensions = {name: Column(pair[0], "varchar", "dimension") for name, pair in written.items()}
    measures = {
        name: Column(written_name, kind, "measure")
        for (name, kind), (written_name, _) in zip(
            record.measures.columns, record.measures.given, strict=True
        )
    }
    return {**dimensions, **measures}
