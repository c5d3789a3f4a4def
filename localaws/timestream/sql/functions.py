# SPDX-License-Identifier: MIT
"""Calls of Timestream's functions in DuckDB's terms, by the tables in `library`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp

from localaws.timestream.sql import library, types
from localaws.timestream.sql.dialect import Timestream
from localaws.timestream.sql.terms import AGGREGATE, CATALOGUE, engine

Build = Callable[..., exp.Expr]
"""Arguments, already in DuckDB's terms -> the call in DuckDB's terms."""


def _null_if_any_null(name: str) -> Build:
    """Trino's greatest and least are null as soon as one argument is; DuckDB's skip nulls."""

    def build(first: exp.Expr, *others: exp.Expr) -> exp.Expr:
        nulls = exp.or_(*(exp.Is(this=x.copy(), expression=exp.Null()) for x in (first, *others)))
        return exp.Case(ifs=[exp.If(this=nulls, true=exp.Null())], default=engine(name, first, *others))

    return build


BUILT: dict[str, Build] = {
    "greatest": _null_if_any_null("greatest"),
    "least": _null_if_any_null("least"),
    "map_concat": lambda first, second, *others: engine("map_concat", first, second, *others),
    "row": lambda first, *others: engine("row", first, *others),
    "zip": lambda first, second, *others: engine("list_zip", first, second, *others),
}


@dataclass(frozen=True)
class Overload:
    """One declaration of a function.

    :ivar name: its own, in the engine.
    :ivar parameters: its parameters' names, with their types as Timestream writes them; None: any.
    """

    name: str
    parameters: dict[str, str | None]
    meaning: str

    def casts(self, given: Sequence[str]) -> list[str | None]:
        """The types that the arguments must be cast to, where they must."""
        bound: types.Bindings = {}
        pairs = list(zip(given, self.parameters.values(), strict=True))
        for type_, wanted in pairs:
            types.distance(type_, wanted, bound)
        return [types.cast(type_, wanted, bound) for type_, wanted in pairs]

    def filled(self, arguments: Sequence[exp.Expr]) -> exp.Expr:
        """The meaning with the arguments in it; what it has in capitals is an aggregate of the engine's."""
        values = dict(zip(self.parameters, arguments, strict=True))

        def put(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Column):
                return values[node.name].copy()
            if isinstance(node, exp.Anonymous) and node.name.isupper():
                node.meta[AGGREGATE] = True
            return node

        made: exp.Expr = _parsed(self.meaning).copy().transform(put, copy=False)
        return made


@cache
def _parsed(meaning: str) -> exp.Expr:
    first: exp.Expr = sqlglot.parse_one(f"SELECT {meaning}", dialect=Timestream).expressions[0]
    return first


_DECLARATION = re.compile(r"(\w+)\((.*?)\) = (.*)")


def _overloads(declarations: str) -> dict[str, list[Overload]]:
    overloads: dict[str, list[Overload]] = {}
    for line in filter(None, re.sub(r"\n +", " ", declarations).splitlines()):
        declaration = _DECLARATION.fullmatch(line)
        if declaration is None:
            raise ValueError(f"Not a declaration: {line}")
        name, signature, meaning = declaration.groups()
        same = overloads.setdefault(name, [])
        if same and name.startswith("_") and not any(same[0].parameters.values()):
            raise ValueError(f"The name of another helper: {line}")
        same.append(Overload(f"{name}_{len(same)}" if same else name, _parameters(signature), meaning))
    return overloads


def _parameters(signature: str) -> dict[str, str | None]:
    """`a array(E), m map(K, V), x`: the commas within parentheses are not between parameters."""
    parameters = re.split(r", (?![^(]*\))", signature) if signature else []
    pairs = (parameter.partition(" ") for parameter in parameters)
    return {name: type_ or None for name, _, type_ in pairs}


OVERLOADS = _overloads(library.MACROS)
"""The functions that are macros in the engine."""

BY_NAME = {overload.name: overload for overloads in OVERLOADS.values() for overload in overloads}
"""The macros by their own names."""

AGGREGATES = _overloads(library.AGGREGATES)
"""The functions of many rows, put together here: the engine lets no FILTER or OVER be said of a macro."""


def macros() -> Iterator[str]:
    """The statements that define the macros."""
    for overload in BY_NAME.values():
        parameters = ", ".join(overload.parameters)
        yield f'CREATE MACRO {CATALOGUE}."{overload.name}"({parameters}) AS {overload.meaning}'


def nearest(overloads: list[Overload], given: Sequence[str]) -> Overload | None:
    """The overload whose parameters are nearest to arguments of the given types; None if none fits."""
    fitting: list[tuple[int, Overload]] = []
    for overload in overloads:
        bound: types.Bindings = {}
        pairs = zip(given, overload.parameters.values(), strict=False)
        distances = [types.distance(type_, wanted, bound) for type_, wanted in pairs]
        if len(given) == len(overload.parameters) and None not in distances:
            fitting.append((sum(filter(None, distances)), overload))
    return min(fitting, key=lambda choice: choice[0])[1] if fitting else None


def expected(name: str) -> str:
    """The signatures of a function, as an error message lists them: `bin(timestamp, interval)`."""
    overloads = OVERLOADS.get(name) or AGGREGATES[name]
    return ", ".join(f"{name}({_shown(name, overload)})" for overload in overloads)


def _shown(name: str, overload: Overload) -> str:
    parameters = list(overload.parameters.values())[1 if name in library.CLOCK else 0 :]
    return ", ".join(type_ or "any" for type_ in parameters)


def build(name: str, arguments: list[exp.Expr]) -> exp.Expr | None:
    """The call of a function of any number of arguments; None if there is no such function.

    :raises TypeError: it does not take so many arguments.
    """
    if make := BUILT.get(name):
        return make(*inspect.signature(make).bind(*arguments).args)
    return engine(name, *arguments) if name in library.ENGINE else None
