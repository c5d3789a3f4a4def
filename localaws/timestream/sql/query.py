# SPDX-License-Identifier: MIT
"""One statement: read, and run.

What a statement says wrong is a ValidationException, and so is what fails on the data, such as a division by
zero; what there isn't enough memory for is a QueryExecutionException.

Source: the errors of https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_Query.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from sqlglot import exp
from sqlglot.errors import UnsupportedError

from localaws.errors import QueryExecutionException, ValidationException
from localaws.timestream.schema import Relations
from localaws.timestream.sql import catalogue, coverage, grammar, origins, problems, render, types
from localaws.timestream.sql.dialect import Unload
from localaws.timestream.sql.terms import text
from localaws.timestream.sql.translate import NO_PARAMETERS, UNNAMED, Translation

ROWS_A_BATCH = 8192

Document = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a statement answers: Timestream's ColumnInfo, one a column, and Row, one a row."""

    columns: list[Document]
    rows: list[Document]


class Statement:
    """A statement that has been read: what it names is there, and its types fit.

    :param relations: the tables it may name.
    :param connection: a cursor, of its own, of a connection that `engine.connect` opened.
    :param now_ns: what `now()` is, in nanoseconds since 1970.
    :param parameters: the moments that parameters stand for; None: it can't be run, and they are of any type.
    :ivar unload: where the answer is to be unloaded to, if the statement says so.
    :raises ValidationException: it is no statement of Timestream's.
    """

    def __init__(
        self,
        statement: str,
        relations: Relations,
        connection: duckdb.DuckDBPyConnection,
        now_ns: int,
        parameters: Mapping[str, int] | None = NO_PARAMETERS,
    ) -> None:
        self.text = statement
        self._relations = relations
        self._connection = connection
        with _depth_limited():
            tree = grammar.parse(statement)
            self.unload = tree if isinstance(tree, Unload) else None
            self._tree = tree.this if isinstance(tree, Unload) else tree
            self._names = grammar.parameters(tree)
            self._query: exp.Expr | None = None
            if not isinstance(tree, exp.Show | exp.Describe):
                origins.mark(self._tree)
                translation = Translation(statement, relations, connection, now_ns, parameters)
                self._query = translation.translated(self._tree)
                self._engine_text = text(self._query)
                self._parameter_types = translation.parameter_types

    def batches(self, rows: int = ROWS_A_BATCH) -> Batches:
        """Run it: what comes back is read while the engine works. For UNLOAD, what is to be unloaded.

        :param rows: how many rows a batch has at most.
        """
        with self._complaints():
            return Batches(self._reader(rows), self._complaints)

    @cached_property
    def scans(self) -> list[coverage.Scan]:
        """The readings of tables that it makes, each with what is known of the rows that it needs."""
        return coverage.scans(self._query) if self._query is not None else []

    def select_columns(self) -> list[tuple[Document, origins.Origin]]:
        """What it would answer: ColumnInfo, and where the column comes from, one a column."""
        if self._query is None:
            return [(info, origins.NOWHERE) for info in columns(self._reader(1).schema)]
        with self._complaints():
            relation = self._connection.sql(self._engine_text)
            empty = relation.limit(0).to_arrow_table()
            infos = columns(empty.rename_columns(relation.columns).schema)
        return list(zip(infos, origins.of(self._query, len(infos)), strict=True))

    def parameters(self) -> list[Document]:
        """Its parameters and their types: ColumnInfo, in the order of their first mention."""
        return [render.column_info(name, self._arrow_type(name)) for name in self._names]

    def _arrow_type(self, parameter: str) -> pa.DataType:
        type_ = self._parameter_types.get(parameter, types.ENGINE_TYPES["unknown"])
        return self._connection.sql(f"SELECT CAST(NULL AS {type_}) AS p").to_arrow_table().schema[0].type

    def _reader(self, rows: int) -> pa.RecordBatchReader:
        if isinstance(self._tree, exp.Show | exp.Describe):
            table = catalogue.answer(self.text, self._tree, self._relations, self._connection)
            return table.to_reader(rows)
        return self._connection.sql(self._engine_text).to_arrow_reader(rows)

    @contextmanager
    def _complaints(self) -> Iterator[None]:
        """What the engine complains of, in Timestream's words. A stream's complaints come by way of Arrow."""
        try:
            yield
        except (duckdb.Error, OSError) as error:
            match str(error).partition(" Error")[0]:
                case "Out of Memory":
                    raise QueryExecutionException("The query needs more memory than there is") from None
                case "INTERNAL" | "FATAL":
                    raise
            raise problems.from_engine(self.text, self._tree, error) from None


class Batches:
    """A statement's answer as it comes."""

    def __init__(
        self, reader: pa.RecordBatchReader, complaints: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.schema = named(reader.schema)
        self.columns = columns(reader.schema)
        self._reader = reader
        self._complaints = complaints

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        with self._complaints():
            for batch in self._reader:
                yield batch.rename_columns(self.schema.names)


def run(
    statement: str,
    relations: Relations,
    connection: duckdb.DuckDBPyConnection,
    now_ns: int,
    parameters: Mapping[str, int] = NO_PARAMETERS,
) -> Answer:
    """Run a statement to its end, and answer all rows; see `Statement`."""
    batches = Statement(statement, relations, connection, now_ns, parameters).batches()
    return Answer(batches.columns, [row for batch in batches for row in rows(batch)])


def columns(schema: pa.Schema) -> list[Document]:
    """ColumnInfo of each column."""
    return [render.column_info(field.name, field.type) for field in named(schema)]


def named(schema: pa.Schema) -> pa.Schema:
    """A schema with the names that Timestream gives to columns that have none."""
    names = [f"_col{i}" if name.startswith(UNNAMED) else name for i, name in enumerate(schema.names)]
    return pa.schema([field.with_name(name) for field, name in zip(schema, names, strict=True)])


def rows(batch: pa.RecordBatch) -> list[Document]:
    """A batch's rows, as Query answers them."""
    return [{"Data": list(row)} for row in zip(*map(render.data, batch.columns), strict=True)]


@contextmanager
def _depth_limited() -> Iterator[None]:
    try:
        yield
    except RecursionError:
        raise ValidationException("The query is too deeply nested") from None
    except UnsupportedError as error:
        raise ValidationException(str(error)) from None
