# SPDX-License-Identifier: MIT
"""Calls of Timestream's functions in DuckDB's terms, by the table in `library`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce

from sqlglot import exp

from localaws.timestream.sql import library, types
from localaws.timestream.sql.terms import CATALOGUE, engine, macro

Build = Callable[..., exp.Expr]
"""Arguments, already in DuckDB's terms -> the call in DuckDB's terms."""


def _null_if_any_null(name: str) -> Build:
    """Trino's greatest and least are null as soon as one argument is; DuckDB's skip nulls."""

    def build(first: exp.Expr, *others: exp.Expr) -> exp.Expr:
        nulls = exp.or_(*(exp.Is(this=x.copy(), expression=exp.Null()) for x in (first, *others)))
        return exp.Case(ifs=[exp.If(this=nulls, true=exp.Null())], default=engine(name, first, *others))

    return build


def _approx_distinct(value: exp.Expr, _error: exp.Expr | None = None) -> exp.Expr:
    """Exact, hence within the error that Timestream allows itself."""
    return engine("count", exp.Distinct(expressions=[value]))


def _concat(first: exp.Expr, second: exp.Expr, *others: exp.Expr) -> exp.Expr:
    """Null as soon as one argument is, which DuckDB's is not."""
    return exp.Paren(this=reduce(lambda a, b: exp.DPipe(this=a, expression=b), (first, second, *others)))


def _by(name: str) -> Build:
    """max_by and min_by, which see nulls; with a third argument, the first so many, as an array."""

    def build(value: exp.Expr, order: exp.Expr, number: exp.Expr | None = None) -> exp.Expr:
        return engine(name, value, order, number) if number else engine(f"{name}_null", value, order)

    return build


def _create_time_series(time: exp.Expr, value: exp.Expr) -> exp.Expr:
    """An array of points in the order of their times."""
    order = exp.Order(this=macro("_point", time, value), expressions=[exp.Ordered(this=time.copy())])
    return engine("list", order)


BUILT: dict[str, Build] = {
    "approx_distinct": _approx_distinct,
    "concat": _concat,
    "create_time_series": _create_time_series,
    "greatest": _null_if_any_null("greatest"),
    "least": _null_if_any_null("least"),
    "max_by": _by("arg_max"),
    "min_by": _by("arg_min"),
}


@dataclass(frozen=True)
class Overload:
    """One declaration of a macro.

    :ivar macro: its name in the engine.
    :ivar parameters: its parameters' names, with their types in the engine; None: any.
    """

    macro: str
    parameters: dict[str, str | None]
    meaning: str


@dataclass(frozen=True)
class Choice:
    """An overload that fits: its macro, and the type that each argument must be cast to, if it must."""

    macro: str
    casts: list[str | None]


_DECLARATION = re.compile(r"(\w+)\((.*?)\) = (.*)")


def _overloads() -> dict[str, list[Overload]]:
    overloads: dict[str, list[Overload]] = {}
    for line in filter(None, re.sub(r"\n +", " ", library.MACROS).splitlines()):
        declaration = _DECLARATION.fullmatch(line)
        if declaration is None:
            raise ValueError(f"Not a declaration: {line}")
        name, signature, meaning = declaration.groups()
        same = overloads.setdefault(name, [])
        same.append(Overload(f"{name}_{len(same)}" if same else name, _parameters(signature), meaning))
    return overloads


def _parameters(signature: str) -> dict[str, str | None]:
    parameters = (parameter.partition(" ") for parameter in filter(None, signature.split(", ")))
    return {name: types.ENGINE_TYPES[type_] if type_ else None for name, _, type_ in parameters}


OVERLOADS = _overloads()


def macros() -> Iterator[str]:
    """The statements that define the macros."""
    for overload in (overload for overloads in OVERLOADS.values() for overload in overloads):
        parameters = ", ".join(overload.parameters)
        yield f'CREATE MACRO {CATALOGUE}."{overload.macro}"({parameters}) AS {overload.meaning}'


def nearest(name: str, given: list[str]) -> Choice | None:
    """The overload whose parameters are nearest to arguments of the given types; None if none fits."""
    fitting: list[tuple[int, Choice]] = []
    for overload in OVERLOADS[name]:
        wanted = list(overload.parameters.values())
        distances = [types.distance(*pair) for pair in zip(given, wanted, strict=False)]
        if len(given) == len(wanted) and None not in distances:
            casts = [want if away else None for away, want in zip(distances, wanted, strict=True)]
            fitting.append((sum(filter(None, distances)), Choice(overload.macro, casts)))
    return min(fitting, key=lambda choice: choice[0])[1] if fitting else None


def expected(name: str) -> str:
    """The signatures of a function, as an error message lists them: `bin(timestamp, interval)`."""
    return ", ".join(f"{name}({_shown(name, overload)})" for overload in OVERLOADS[name])


def _shown(name: str, overload: Overload) -> str:
    parameters = list(overload.parameters.values())[1 if name in library.CLOCK else 0 :]
    return ", ".join(types.name(type_) if type_ else "any" for type_ in parameters)


def build(name: str, arguments: list[exp.Expr]) -> exp.Expr | None:
    """The call of a function that is not a macro, in DuckDB's terms; None if there is no such function.

    :raises TypeError: it does not take so many arguments.
    """
    if make := BUILT.get(name):
        return make(*inspect.signature(make).bind(*arguments).args)
    return engine(library.ENGINE[name], *arguments) if name in library.ENGINE else None
