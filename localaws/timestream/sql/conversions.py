# SPDX-License-Identifier: MIT
"""CAST and TRY_CAST, also to arrays, rows and maps, item by item.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/conversion-functions.html,
.../supported-data-types.html
"""

from __future__ import annotations

import typing

from sqlglot import exp

from localaws.errors import ValidationException
from localaws.timestream.sql import types
from localaws.timestream.sql.calls import Calls
from localaws.timestream.sql.terms import MOST_LAMBDAS, cast, column, engine, field, lambda_, null

_SCALARS = {
    exp.DType.BIGINT: "bigint",
    exp.DType.BOOLEAN: "boolean",
    exp.DType.DATE: "date",
    exp.DType.DOUBLE: "double",
    exp.DType.INT: "integer",
    exp.DType.TIME: "time",
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.VARCHAR: "varchar",
}

TEXTS = exp.DataType(this=exp.DType.ARRAY, expressions=[exp.DataType(this=exp.DType.VARCHAR)], nested=True)
"""The type of an array of texts."""


class Conversions(Calls):
    """Puts conversions into DuckDB's terms."""

    def conversion(self, node: exp.Cast) -> exp.Expr:
        """CAST or TRY_CAST."""
        if _depth(node.to) > MOST_LAMBDAS:
            raise self.problem(node, "The query is too deeply nested")
        made = self.converted(node, node.this, self.oracle.type(node.this), node.to)
        return engine("try", made) if isinstance(node, exp.TryCast) else made

    def converted(self, at: exp.Expr, value: exp.Expr, given: str, to: exp.DataType) -> exp.Expr:
        """A value of a type given as one of another.

        :param at: what the statement has for it.
        """
        wanted = self._engine_type(at, to)
        if to.this in _SCALARS:
            if types.parts(given):
                raise self._impossible(at, given, to)
            made = self.overloaded(at, f"_to_{_SCALARS[to.this]}", [value])
            length = _length(to)
            return engine("left", made, length) if length else made
        if given == types.UNKNOWN:
            return null(wanted)
        if to.this == exp.DType.ARRAY and (element := types.element(given)):
            return self._each(at, value, element, to.expressions[0])
        if to.this == exp.DType.MAP and (entry := types.entry(given)):
            keys, values = (
                self._each(at, engine(part, value.copy()), *pair)
                for part, *pair in zip(("map_keys", "map_values"), entry, to.expressions, strict=True)
            )
            return engine("map", keys, values)
        if to.this == exp.DType.STRUCT and len(types.fields(given)) == len(to.expressions):
            return self._row(at, value, given, to)
        raise self._impossible(at, given, to)

    def _each(self, at: exp.Expr, array: exp.Expr, given: str, to: exp.DataType) -> exp.Expr:
        name = self.fresh("item")
        return engine(
            "list_transform", array, lambda_([name], self.converted(at, column(name, given), given, to))
        )

    def _row(self, at: exp.Expr, value: exp.Expr, given: str, to: exp.DataType) -> exp.Expr:
        """Field by field. A row that is no call has a name first, as the only item of an array."""
        kinds = [type_ for _, type_ in types.fields(given)]
        if isinstance(value, exp.Anonymous) and value.name == "row":
            return self._row_of(at, value.expressions, kinds, to)
        whole = column(self.fresh("row"), given)
        made = self._row_of(at, [field(whole, i, kind) for i, kind in enumerate(kinds, 1)], kinds, to)
        is_null = exp.Is(this=whole.copy(), expression=exp.Null())
        guarded = exp.Case(ifs=[exp.If(this=is_null, true=exp.Null())], default=made)
        bound = engine("list_transform", engine("list_value", value), lambda_([whole.name], guarded))
        return engine("list_extract", bound, exp.Literal.number(1))

    def _row_of(self, at: exp.Expr, values: list[exp.Expr], kinds: list[str], to: exp.DataType) -> exp.Expr:
        wanted = [_kind(part) for part in to.expressions]
        made = [self.converted(at, *each) for each in zip(values, kinds, wanted, strict=True)]
        return cast(engine("row", *made), self._engine_type(at, to))

    def _impossible(self, at: exp.Expr, given: str, to: exp.DataType) -> ValidationException:
        return self.problem(at, f"Cannot cast {types.name(given)} to {to.sql('trino').lower()}")

    def _engine_type(self, at: exp.Expr, to: exp.DataType) -> str:
        """A type as DuckDB writes it."""
        if to.this in _SCALARS and (not to.expressions or _length(to)):
            return types.ENGINE_TYPES[_SCALARS[to.this]]
        nested = to.this in (exp.DType.ARRAY, exp.DType.MAP, exp.DType.STRUCT)
        within = [self._engine_type(at, _kind(part)) for part in to.expressions if nested]
        if to.this == exp.DType.ARRAY and len(within) == 1:
            return f"{within[0]}[]"
        if to.this == exp.DType.MAP and len(within) == 2:
            return f"MAP({', '.join(within)})"
        if to.this == exp.DType.STRUCT and within:
            names = [
                part.this.sql(dialect="duckdb", identify=True)
                for part in to.expressions
                if isinstance(part, exp.ColumnDef)
            ]
            if not names:
                return f"TUPLE({', '.join(within)})"
            if len(names) == len(within):
                return f"STRUCT({', '.join(map(' '.join, zip(names, within, strict=True)))})"
        raise self.problem(at, f"Unknown type: {to.sql('trino').lower()}")


def _length(to: exp.DataType) -> exp.Expr | None:
    """Of `varchar(n)`, n."""
    if to.this != exp.DType.VARCHAR or len(to.expressions) != 1:
        return None
    length: exp.Expr = to.expressions[0].this
    return length if length.is_int else None


def _depth(type_: exp.Expr) -> int:
    """How many types stand around each other."""
    return isinstance(type_, exp.DataType) + max(map(_depth, type_.iter_expressions()), default=0)


def _kind(part: exp.Expr) -> exp.DataType:
    """The type of a part of a type: of an array's element, or of a row's field with or without a name."""
    return typing.cast(exp.DataType, part.args["kind"] if isinstance(part, exp.ColumnDef) else part)
