# SPDX-License-Identifier: MIT
"""Functions that take lambdas, in DuckDB's terms.

Sources: https://docs.aws.amazon.com/timestream/latest/developerguide/timeseries-specific-constructs.functions.filter-reduce.html;
the others are Trino's, https://trino.io/docs/current/functions/lambda.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from localaws.timestream.sql import sharing, types
from localaws.timestream.sql.terms import cast, engine, lambda_, macro, null, quoted


@dataclass(frozen=True)
class Function:
    """A translated lambda.

    :ivar names: its parameters' names, which nothing else in the statement has.
    :ivar result: the type of what it makes.
    """

    names: list[str]
    body: exp.Expr
    result: str

    def of(self, *arguments: exp.Expr) -> exp.Expr:
        """What it makes of arguments."""
        values = dict(zip(self.names, arguments, strict=True))

        def put(node: exp.Expr) -> exp.Expr:
            return values[node.name].copy() if isinstance(node, exp.Column) and node.name in values else node

        return self.body.copy().transform(put, copy=False)

    def local(self, name: str) -> exp.Column:
        """A variable beside its parameters, named after them so that it too is the only one of its name."""
        return exp.column(quoted(f"{self.names[0]} {name}"))

    def returning(self, type_: str) -> Function:
        """The same, with its result cast to a type."""
        return Function(self.names, cast(self.body.copy(), type_), type_)

    def as_argument(self) -> exp.Expr:
        """Itself, for a function of DuckDB's."""
        return lambda_(self.names, self.body.copy())


ToFunction = Callable[[list[str]], Function]
"""A lambda whose parameters' types are still to be said."""


@dataclass(frozen=True)
class HigherOrder:
    """A function that takes lambdas.

    :ivar parameters: as Trino writes them, `array(T)` or `(T) -> boolean`.
    :ivar build: what makes the call of its arguments, each an expression or a `Function`.
    :ivar known: what some of its variables always stand for.
    """

    parameters: tuple[str, ...]
    build: Callable[..., exp.Expr]
    known: types.Bindings = field(default_factory=dict)

    def applied(
        self, arguments: list[exp.Expr | ToFunction], type_of: Callable[[exp.Expr], str]
    ) -> exp.Expr | None:
        """The call; None if the arguments don't fit."""
        if len(arguments) != len(self.parameters):
            return None
        bound: types.Bindings = dict(self.known)
        found: list[exp.Expr | Function] = []
        for argument, wanted in zip(arguments, self.parameters, strict=True):
            if isinstance(argument, exp.Expr):
                if "->" in wanted or types.distance(type_of(argument), wanted, bound) is None:
                    return None
                found.append(argument)
            elif "->" not in wanted or (function := _function(argument, wanted, bound)) is None:
                return None
            else:
                found.append(function)
        plain = [
            _fitting(x, type_of(x), wanted, bound)
            for x, wanted in zip(found, self.parameters, strict=True)
            if isinstance(x, exp.Expr)
        ]
        functions = [x for x in found if isinstance(x, Function)]
        if sum(map(sharing.size, plain)) > sharing.MOST // 4:
            return sharing.bound(
                functions[0].names[0], plain, type_of, lambda parts: self.build(*parts, *functions)
            )
        return self.build(*plain, *functions)

    def expected(self, name: str) -> str:
        """Its signature, as an error message tells it."""
        return f"{name}({', '.join(self.parameters)})"


def _function(to_function: ToFunction, wanted: str, bound: types.Bindings) -> Function | None:
    """The lambda, typed. What it makes may widen what it takes, as in a reduction: then it is typed anew."""
    parameters, _, result = wanted[1:].partition(") -> ")
    variables = parameters.split(", ")
    while True:
        function = to_function([bound[variable] for variable in variables])
        if len(result) > 1:
            fits = types.distance(function.result, result, {}) is not None
            made = types.ENGINE_TYPES[result] if fits else None
        else:
            made = types.common(bound.get(result, types.UNKNOWN), function.result)
        if made is None:
            return None
        if result not in variables or bound[result] == made:
            bound[result] = made
            return function if function.result == made else function.returning(made)
        bound[result] = made


def _fitting(argument: exp.Expr, given: str, wanted: str, bound: types.Bindings) -> exp.Expr:
    if given == types.UNKNOWN and wanted.startswith("array"):
        return null(f"{types.UNKNOWN}[]")
    return cast(argument, bound[wanted]) if bound.get(wanted, given) != given else argument


def _each(array: exp.Expr, function: Function) -> exp.Expr:
    return engine("list_transform", array, function.as_argument())


def _filter(array: exp.Expr, keep: Function) -> exp.Expr:
    return engine("list_filter", array, keep.as_argument())


def _match(connector: type[exp.Connector], start: bool) -> Callable[[exp.Expr, Function], exp.Expr]:
    """Whether it holds of some or of all elements: OR and AND know what to make of nulls."""

    def build(array: exp.Expr, holds: Function) -> exp.Expr:
        so_far, now = holds.local("so far"), holds.local("now")
        both = connector(this=so_far, expression=now)
        return engine(
            "list_reduce",
            _each(array, holds),
            lambda_([so_far.name, now.name], both),
            exp.Boolean(this=start),
        )

    return build


def _none_match(array: exp.Expr, holds: Function) -> exp.Expr:
    return exp.Paren(this=exp.Not(this=_match(exp.Or, start=False)(array, holds)))


def _reduce(array: exp.Expr, start: exp.Expr, step: Function, finish: Function) -> exp.Expr:
    reduced = engine("list_reduce", array.copy(), step.as_argument(), start)
    if isinstance(finish.body, exp.Column) and finish.body.name in finish.names:
        return reduced
    is_null = exp.Is(this=array, expression=exp.Null())
    state = exp.Case(ifs=[exp.If(this=is_null, true=exp.Null())], default=engine("list_value", reduced))
    return _first(_each(state, finish))


def _array_sort(array: exp.Expr, compare: Function) -> exp.Expr:
    """By insertion: each element after those that are not greater, before the others."""
    sorted_, new, old = (compare.local(name) for name in ("sorted", "new", "old"))
    order = compare.of(old, new)
    before = exp.LTE(this=order, expression=exp.Literal.number(0))
    after = exp.GT(this=order.copy(), expression=exp.Literal.number(0))
    inserted = engine(
        "list_concat",
        engine("list_filter", sorted_, lambda_([old.name], before)),
        engine("list_value", new),
        engine("list_filter", sorted_.copy(), lambda_([old.name], after)),
    )
    nothing = engine("list_slice", array.copy(), exp.Literal.number(1), exp.Literal.number(0))
    return engine("list_reduce", array, lambda_([sorted_.name, new.name], inserted), nothing)


def _regexp_replace(text: exp.Expr, pattern: exp.Expr, function: Function) -> exp.Expr:
    """What is between the matches, with what the function makes of each match's groups between that."""
    made = _each(engine("java_regexp_groups", text.copy(), pattern.copy()), function)
    return macro("_interleaved", engine("java_regexp_split", text, pattern), made)


def _zip_with(one: exp.Expr, other: exp.Expr, function: Function) -> exp.Expr:
    pair = function.local("pair")
    made = function.of(_part(pair, 1), _part(pair, 2))
    return engine("list_transform", engine("list_zip", one, other), lambda_([pair.name], made))


def _of_entries(name: str, table: exp.Expr, function: Function) -> exp.Expr:
    entry = function.local("entry")
    made = function.of(_part(entry, 1), _part(entry, 2))
    return engine(name, engine("map_entries", table), lambda_([entry.name], made))


def _map_filter(table: exp.Expr, keep: Function) -> exp.Expr:
    return engine("map_from_entries", _of_entries("list_filter", table, keep))


def _transform_keys(table: exp.Expr, function: Function) -> exp.Expr:
    return engine("map", _of_entries("list_transform", table, function), engine("map_values", table.copy()))


def _transform_values(table: exp.Expr, function: Function) -> exp.Expr:
    return engine("map", engine("map_keys", table.copy()), _of_entries("list_transform", table, function))


def _map_zip_with(one: exp.Expr, other: exp.Expr, function: Function) -> exp.Expr:
    key = function.local("key")
    keys = engine(
        "list_distinct",
        engine("list_concat", engine("map_keys", one.copy()), engine("map_keys", other.copy())),
    )
    values = [
        engine("list_extract", engine("map_extract", table, key.copy()), exp.Literal.number(1))
        for table in (one, other)
    ]
    return engine(
        "map", keys, engine("list_transform", keys.copy(), lambda_([key.name], function.of(key, *values)))
    )


def _part(row: exp.Expr, place: int) -> exp.Expr:
    return engine("struct_extract_at", row.copy(), exp.Literal.number(place))


def _first(array: exp.Expr) -> exp.Expr:
    return engine("list_extract", array, exp.Literal.number(1))


HIGHER_ORDER = {
    "all_match": HigherOrder(("array(T)", "(T) -> boolean"), _match(exp.And, start=True)),
    "any_match": HigherOrder(("array(T)", "(T) -> boolean"), _match(exp.Or, start=False)),
    "array_sort": HigherOrder(("array(T)", "(T, T) -> bigint"), _array_sort),
    "filter": HigherOrder(("array(T)", "(T) -> boolean"), _filter),
    "map_filter": HigherOrder(("map(K, V)", "(K, V) -> boolean"), _map_filter),
    "map_zip_with": HigherOrder(("map(K, V)", "map(K, W)", "(K, V, W) -> R"), _map_zip_with),
    "none_match": HigherOrder(("array(T)", "(T) -> boolean"), _none_match),
    "reduce": HigherOrder(("array(T)", "S", "(S, T) -> S", "(S) -> R"), _reduce),
    "regexp_replace": HigherOrder(
        ("varchar", "varchar", "(G) -> varchar"), _regexp_replace, {"G": "VARCHAR[]"}
    ),
    "transform": HigherOrder(("array(T)", "(T) -> R"), _each),
    "transform_keys": HigherOrder(("map(K, V)", "(K, V) -> R"), _transform_keys),
    "transform_values": HigherOrder(("map(K, V)", "(K, V) -> R"), _transform_values),
    "zip_with": HigherOrder(("array(T)", "array(U)", "(T, U) -> R"), _zip_with),
}
