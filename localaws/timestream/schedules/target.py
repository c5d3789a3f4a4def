# SPDX-License-Identifier: MIT
"""From the rows of a result to records of the target table, by a TargetConfiguration.

A null is left out: of a multi-measure record its attribute, else its record; but a row that makes no record
is an error, as are one without a time and one whose measure name no mapping has.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/scheduledqueries-mappings.html and
.../API_query_TimestreamConfiguration.html. (Which types of columns a dimension or a measure can be made of is
not documented, but for the time column: here only those that lose nothing.)
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from localaws.errors import ValidationException
from localaws.timestream.batch.data_model import DataModel

SOURCES = {
    "BIGINT": ("BIGINT", "INTEGER"),
    "BOOLEAN": ("BOOLEAN",),
    "DOUBLE": ("DOUBLE", "BIGINT", "INTEGER"),
    "TIMESTAMP": ("TIMESTAMP",),
    "VARCHAR": ("VARCHAR",),
}
"""The types of columns that each type of value can be made of. A column of nulls alone is UNKNOWN."""

Document = dict[str, Any]
Records = Callable[[Document], list[Document]]
"""From a Row to records as WriteRecords takes them; ValueError, with a reason, if it has none."""


class Target:
    """A target table, and what goes into it.

    :param configuration: a TargetConfiguration, its shape validated.
    :raises ValidationException: no records can be made by it, whatever the result.
    :ivar names: the table's, as WriteRecords takes them.
    """

    def __init__(self, configuration: Document) -> None:
        timestream = configuration["TimestreamConfiguration"]
        self.names = {name: timestream[name] for name in ("DatabaseName", "TableName")}
        same = ("TimeColumn", "MeasureNameColumn", "MultiMeasureMappings", "MixedMeasureMappings")
        self._model = DataModel(
            {
                **{name: timestream[name] for name in same if name in timestream},
                "TimeUnit": "NANOSECONDS",
                "DimensionMappings": [
                    {"SourceColumn": each["Name"]} for each in timestream["DimensionMappings"]
                ],
            }
        )

    def has_dimension(self, name: str) -> bool:
        """Whether a dimension of that name is mapped."""
        return self._model.has_dimension(name)

    def common(self, version: int) -> Document:
        """What all records share, as WriteRecords takes it."""
        return self._model.common(version)

    def bind(self, columns: list[Document]) -> Records:
        """How a result with these columns, each a ColumnInfo, is read.

        :raises ValidationException: it lacks a column that is mapped, or has it twice or of another type.
        """
        names = [column.get("Name", "") for column in columns]
        types = [column["Type"].get("ScalarType") for column in columns]
        for name, kind in self._model.columns():
            if names.count(name) != 1:
                raise ValidationException(
                    f"The query result {'repeats' if name in names else 'lacks'} the column {name}."
                )
            found = types[names.index(name)]
            if found not in (*SOURCES[kind], "UNKNOWN"):
                raise ValidationException(
                    f"The column {name} of the query result, {found or 'no scalar'}, can't become {kind}."
                )
        records = self._model.bind(names)
        texts = [nanoseconds if kind == "TIMESTAMP" else str for kind in types]

        def of_row(row: Document) -> list[Document]:
            values = [datum.get("ScalarValue") for datum in row["Data"]]
            return records(
                [None if value is None else text(value) for text, value in zip(texts, values, strict=True)]
            )

        return of_row


def nanoseconds(timestamp: str) -> str:
    """A timestamp of a result, such as 2026-01-01 00:00:00.000000000, in nanoseconds since 1970."""
    seconds, _, fraction = timestamp.partition(".")
    moment = datetime.fromisoformat(seconds).replace(tzinfo=UTC)
    return str(int(moment.timestamp()) * 10**9 + int(fraction or 0))


def line(row: Document) -> str:
    """A row as a line of CSV."""
    text = io.StringIO()
    values = [datum.get("ScalarValue", "" if "NullValue" in datum else datum) for datum in row["Data"]]
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()
