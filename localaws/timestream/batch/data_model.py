# SPDX-License-Identifier: MIT
"""A batch load's data model: which columns of a file become what in which records.

    MultiMeasureMappings    a row is one multi-measure record
    MixedMeasureMappings    a row is a record for each mapping; or, with a MeasureNameColumn, the record of
                            the mapping whose MeasureName stands in that column

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/batch-load-data-model-mappings.html; of
a mixed mapping's members, .../API_query_MixedMeasureMapping.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from localaws.errors import SerializationException, ValidationException
from localaws.timestream.records import parse
from localaws.timestream.validation import validate

NO_MAPPING = "No mapping has the measure name {}."
NO_MEASURE = "The row has no measure value."
NO_TIME = "The row has no time."
NO_MEASURE_NAME = "The row has no measure name."

Document = dict[str, Any]
Cells = list[str | None]
"""The values of a row, in the order of the file's columns; None is null."""
Records = Callable[[Cells], list[Document]]
"""From a row to records as WriteRecords takes them; ValueError, with a reason, if it has none."""


class DataModel:
    """A data model, found good.

    :param model: a DataModel, its shape validated.
    :raises ValidationException: it can't make records, whatever the file.
    :ivar description: the model with what it leaves out filled in, as DescribeBatchLoadTask shows it.
    """

    def __init__(self, model: Document) -> None:
        multi, mixed = model.get("MultiMeasureMappings"), model.get("MixedMeasureMappings")
        if not model.get("TimeColumn"):
            raise ValidationException("The data model must have a TimeColumn.")
        if bool(multi) == bool(mixed):
            raise ValidationException(
                "The data model must have either MultiMeasureMappings or MixedMeasureMappings."
            )
        self._name_column: str | None = model.get("MeasureNameColumn")
        self.description = {"TimeUnit": "MILLISECONDS", **model}
        self.description["DimensionMappings"] = [_dimension(each) for each in model["DimensionMappings"]]
        self._multi = bool(multi)
        if multi:
            multi = self.description["MultiMeasureMappings"] = self._filled(multi)
            self._mappings = [{"MeasureValueType": "MULTI", **multi}]
        else:
            self._mappings = [self._filled_mixed(each) for each in mixed or ()]
            self.description["MixedMeasureMappings"] = self._mappings
        self._try()

    @classmethod
    def read(cls, content: bytes) -> DataModel:
        """The data model of a JSON file.

        :raises ValidationException: it isn't one.
        """
        try:
            model = dict(json.loads(content))
            validate("CreateBatchLoadTask", {**_REQUEST, "DataModelConfiguration": {"DataModel": model}})
        except (ValueError, TypeError, SerializationException) as error:
            raise ValidationException(f"The data model file is not a data model: {error}") from error
        return cls(model)

    def has_dimension(self, name: str) -> bool:
        """Whether a dimension of that name is mapped."""
        mapped = (each["DestinationColumn"].lower() for each in self.description["DimensionMappings"])
        return name.lower() in mapped

    def common(self, version: int) -> Document:
        """What all records share, as WriteRecords takes it."""
        return {"TimeUnit": self.description["TimeUnit"], "Version": version}

    def bind(self, header: list[str]) -> Records:
        """How a file with these columns is read.

        :raises ValueError: the file lacks a column, or has it twice; with the reason.
        """
        time = self._place(self.description["TimeColumn"], header)
        dimensions = [
            (each["DestinationColumn"], self._place(each["SourceColumn"], header))
            for each in self.description["DimensionMappings"]
        ]
        measures = self._measures(header)

        def records(cells: Cells) -> list[Document]:
            if cells[time] is None:
                raise ValueError(NO_TIME)
            common = {
                "Time": cells[time],
                "Dimensions": [
                    {"Name": name, "Value": value}
                    for name, place in dimensions
                    if (value := cells[place]) is not None
                ],
            }
            found = [{**common, **measure} for measure in measures(cells)]
            if not found:
                raise ValueError(NO_MEASURE)
            return found

        return records

    def columns(self) -> Iterator[tuple[str, str]]:
        """The columns that are read, and the type of what is made of each."""
        yield self.description["TimeColumn"], "TIMESTAMP"
        for dimension in self.description["DimensionMappings"]:
            yield dimension["SourceColumn"], "VARCHAR"
        if self._name_column is not None:
            yield self._name_column, "VARCHAR"
        for mapping in self._mappings:
            if mapping["MeasureValueType"] != "MULTI":
                yield mapping["SourceColumn"], mapping["MeasureValueType"]
            for each in mapping.get("MultiMeasureAttributeMappings", ()):
                yield each["SourceColumn"], each["MeasureValueType"]

    # What each mapping makes of a row

    def _measures(self, header: list[str]) -> Callable[[Cells], Iterable[Document]]:
        readers = [(each, self._measure(each, header)) for each in self._mappings]
        if self._name_column is None:
            named = [(_target_name(mapping), reader) for mapping, reader in readers]
            return lambda cells: (
                {"MeasureName": name, **measure} for name, reader in named if (measure := reader(cells))
            )
        place = self._place(self._name_column, header)
        if self._multi:
            [(_, only)] = readers
            return lambda cells: _named(_present(cells[place]), only(cells))
        by_name = {mapping["MeasureName"]: (_target_name(mapping), reader) for mapping, reader in readers}

        def chosen(cells: Cells) -> Iterable[Document]:
            name = _present(cells[place])
            if name not in by_name:
                raise ValueError(NO_MAPPING.format(name))
            target, reader = by_name[name]
            return _named(target, reader(cells))

        return chosen

    def _measure(self, mapping: Document, header: list[str]) -> Callable[[Cells], Document | None]:
        """How a mapping's measures are read: None if all of them are null."""
        kind = mapping["MeasureValueType"]
        if kind != "MULTI":
            place = self._place(mapping["SourceColumn"], header)
            return lambda cells: (
                None if cells[place] is None else {"MeasureValueType": kind, "MeasureValue": cells[place]}
            )
        attributes = [
            (
                each["TargetMultiMeasureAttributeName"],
                each["MeasureValueType"],
                self._place(each["SourceColumn"], header),
            )
            for each in mapping["MultiMeasureAttributeMappings"]
        ]

        def multi(cells: Cells) -> Document | None:
            values = [
                {"Name": name, "Type": each, "Value": value}
                for name, each, place in attributes
                if (value := cells[place]) is not None
            ]
            return {"MeasureValueType": "MULTI", "MeasureValues": values} if values else None

        return multi

    def _place(self, column: str, header: list[str]) -> int:
        if header.count(column) != 1:
            raise ValueError(f"The file {'repeats' if column in header else 'lacks'} the column {column}.")
        return header.index(column)

    # The mappings with their defaults

    def _filled(self, mappings: Document) -> Document:
        if self._name_column is None and not mappings.get("TargetMultiMeasureName"):
            raise ValidationException(
                "MultiMeasureMappings need a TargetMultiMeasureName or a MeasureNameColumn."
            )
        return {**mappings, "MultiMeasureAttributeMappings": _attributes(mappings)}

    def _filled_mixed(self, mapping: Document) -> Document:
        if self._name_column is not None and not mapping.get("MeasureName"):
            raise ValidationException("With a MeasureNameColumn each mixed mapping must have a MeasureName.")
        if mapping["MeasureValueType"] == "MULTI":
            if not (mapping.get("MeasureName") or mapping.get("TargetMeasureName")):
                raise ValidationException("A mixed mapping of type MULTI must have a MeasureName.")
            return {**mapping, "MultiMeasureAttributeMappings": _attributes(mapping)}
        if not mapping.get("SourceColumn"):
            raise ValidationException("A mixed mapping of a single measure must have a SourceColumn.")
        return mapping

    def _try(self) -> None:
        """Make records of a row that has every column, which finds names that no record may have."""
        samples = {column: "true" if kind == "BOOLEAN" else "0" for column, kind in self.columns()}
        columns = list(samples)
        for mapping in self._mappings:
            if self._name_column is not None:
                samples[self._name_column] = mapping.get("MeasureName") or "0"
            records = self.bind(columns)([samples[column] for column in columns])
            for record in parse({"CommonAttributes": self.common(1), "Records": records}):
                if record.refusal:
                    raise ValidationException(record.refusal)


_REQUEST: Document = {
    "DataSourceConfiguration": {"DataSourceS3Configuration": {"BucketName": "any"}, "DataFormat": "CSV"},
    "ReportConfiguration": {},
    "TargetDatabaseName": "any",
    "TargetTableName": "any",
}
"""A request to hold a model of a file against, which has the shape of one in a request."""


def _dimension(mapping: Document) -> Document:
    if not mapping.get("SourceColumn"):
        raise ValidationException("A dimension mapping must have a SourceColumn.")
    return {"DestinationColumn": mapping["SourceColumn"], **mapping}


def _attributes(mappings: Document) -> list[Document]:
    given = mappings.get("MultiMeasureAttributeMappings")
    if not given:
        raise ValidationException("A mapping of type MULTI must have MultiMeasureAttributeMappings.")
    for each in given:
        if not each.get("MeasureValueType"):
            raise ValidationException(f"The mapping of {each['SourceColumn']} must have a MeasureValueType.")
    return [{"TargetMultiMeasureAttributeName": each["SourceColumn"], **each} for each in given]


def _target_name(mapping: Document) -> str:
    names = ("TargetMultiMeasureName", "TargetMeasureName", "MeasureName", "SourceColumn")
    name: str = next(mapping[name] for name in names if mapping.get(name))
    return name


def _named(name: str, measure: Document | None) -> list[Document]:
    return [{"MeasureName": name, **measure}] if measure else []


def _present(name: str | None) -> str:
    if name is None:
        raise ValueError(NO_MEASURE_NAME)
    return name
