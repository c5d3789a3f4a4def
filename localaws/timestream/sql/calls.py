# SPDX-License-Identifier: MIT
"""Calls of functions: which overload is meant, and what its arguments must be."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from sqlglot import exp

from localaws.errors import ValidationException
from localaws.timestream.sql import functions, library, sharing, types
from localaws.timestream.sql.oracle import Oracle
from localaws.timestream.sql.problems import problem
from localaws.timestream.sql.terms import cast, engine

PARAMETER = "parameter"
"""The key under which a null that stands for a parameter keeps its name."""


class Calls:
    """Puts calls into DuckDB's terms, for one statement.

    :param now_ns: the moment of the query, in nanoseconds since 1970.
    :param parameters: the moments that parameters stand for; None: they are null, of any type.
    :ivar parameter_types: the types that parameters are used as.
    """

    def __init__(
        self, statement: str, oracle: Oracle, now_ns: int, parameters: Mapping[str, int] | None
    ) -> None:
        self.statement = statement
        self.oracle = oracle
        self.now = _moment(now_ns)
        self.parameters = parameters
        self.parameter_types: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def fresh(self, name: str) -> str:
        """A name for a lambda's parameter that nothing else in the statement has."""
        return f"{name}#{next(self._numbers)}"

    def problem(self, node: exp.Expr, message: str) -> ValidationException:
        """What is wrong with a node of the statement."""
        return problem(self.statement, node, message)

    def overloaded(self, node: exp.Expr, name: str, arguments: list[exp.Expr]) -> exp.Expr:
        """The call of the macro whose parameters are nearest to the types of the arguments.

        :param node: what the statement has for it.
        """
        found, fitting = self.chosen(node, functions.OVERLOADS[name], name, arguments)
        return sharing.call(found.name, fitting, self.oracle.type)

    def chosen(
        self, node: exp.Expr, overloads: list[functions.Overload], name: str, arguments: list[exp.Expr]
    ) -> tuple[functions.Overload, list[exp.Expr]]:
        """The nearest overload, and the arguments as it wants them."""
        given = [self.oracle.type(argument) for argument in arguments]
        found = functions.nearest(overloads, given)
        if found is None:
            raise self.problem(node, unfitting(node, name, given))
        casts = found.casts(given)
        for argument, type_ in zip(arguments, casts, strict=True):
            self.note(argument, type_)
        return found, [cast(x, type_) if type_ else x for x, type_ in zip(arguments, casts, strict=True)]

    def parameter(self, parameter: exp.Parameter) -> exp.Expr:
        """What `@name` stands for."""
        name = parameter.name
        if self.parameters is None:
            unknown = exp.Null()
            unknown.meta[PARAMETER] = name
            self.parameter_types.setdefault(name, types.UNKNOWN)
            return unknown
        if name not in self.parameters:
            raise self.problem(parameter, f"The parameter '@{name}' has no value")
        return _moment(self.parameters[name])

    def note(self, node: exp.Expr, type_: str | None) -> None:
        """If a node stands for a parameter, that is the type it is used as."""
        if type_ is not None and PARAMETER in node.meta:
            self.parameter_types[node.meta[PARAMETER]] = type_


def unfitting(node: exp.Expr, name: str, given: Sequence[str], expected: str | None = None) -> str:
    """That a function does not take arguments of the types given, and which it does take."""
    shown = list(map(types.name, given))
    if isinstance(node, exp.Cast):
        return f"Cannot cast {shown[0]} to {node.to.sql('trino').lower()}"
    if sign := library.SIGNS.get(name):
        return f"'{sign}' cannot be applied to {', '.join(shown)}"
    if name in library.CLOCK:
        del shown[0]
    expected = expected or functions.expected(name)
    return f"Unexpected parameters ({', '.join(shown)}) for function {name}. Expected: {expected}"


def _moment(nanoseconds: int) -> exp.Expr:
    """A timestamp, of nanoseconds since 1970."""
    return engine("make_timestamp_ns", exp.Literal.number(nanoseconds))
