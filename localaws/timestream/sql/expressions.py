# SPDX-License-Identifier: MIT
"""Expressions of Timestream's, put into DuckDB's terms: a rule for each kind of node that differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

from localaws.errors import ValidationException
from localaws.timestream.sql import functions, library, types
from localaws.timestream.sql.dialect import NANOSECONDS
from localaws.timestream.sql.oracle import Oracle
from localaws.timestream.sql.problems import problem
from localaws.timestream.sql.terms import cast, engine, macro

MOST_BIGINT = 2**63 - 1

OPERATORS: dict[type[exp.Expr], tuple[str, str]] = {
    exp.Add: ("_plus", "+"),
    exp.Sub: ("_minus", "-"),
    exp.Mul: ("_times", "*"),
    exp.Div: ("_divide", "/"),
    exp.Mod: ("_modulus", "%"),
    exp.Neg: ("_negate", "-"),
}

COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}

CASTS = {
    exp.DType.BIGINT: "_to_bigint",
    exp.DType.BOOLEAN: "_to_boolean",
    exp.DType.DATE: "_to_date",
    exp.DType.DOUBLE: "_to_double",
    exp.DType.INT: "_to_integer",
    exp.DType.TIME: "_to_time",
    exp.DType.TIMESTAMP: "_to_timestamp",
    exp.DType.VARCHAR: "_to_varchar",
}

PARAMETER = "parameter"
"""The key under which a null that stands for a parameter keeps its name."""

MONTHS = {"month": 1, "year": 12}


class Rules:
    """The rules, for one statement.

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

    def applied(self, node: exp.Expr) -> exp.Expr:
        """A node in DuckDB's terms, given that its parts are already."""
        rule = _RULES.get(type(node))
        return rule(self, node) if rule else node

    def _problem(self, node: exp.Expr, message: str) -> ValidationException:
        return problem(self.statement, node, message)

    def _call(self, call: exp.Anonymous) -> exp.Expr:
        name, arguments = call.name.lower(), call.expressions
        if translate := library.PATTERNS.get(name):
            arguments = arguments[:1] + [self._pattern(pattern, translate) for pattern in arguments[1:]]
        if name in library.CLOCK:
            arguments = [self.now.copy(), *arguments]
        if name in functions.OVERLOADS and not name.startswith("_"):
            return self._overloaded(call, name, arguments)
        try:
            made = functions.build(name, arguments)
        except TypeError:
            raise self._problem(call, f"Unexpected number of arguments for function {name}") from None
        if made is None:
            raise self._problem(call, f"Function '{call.name}' not registered")
        return self._summed(made, call)

    def _pattern(self, pattern: exp.Expr, translate: Callable[[str], str]) -> exp.Expr:
        if not pattern.is_string:
            raise self._problem(pattern, "The format of a date must be a literal")
        try:
            return exp.Literal.string(translate(pattern.name))
        except ValueError as error:
            raise self._problem(pattern, str(error)) from None

    def _overloaded(self, node: exp.Expr, name: str, arguments: list[exp.Expr]) -> exp.Expr:
        """The call of the overload whose parameters are nearest to the types of the arguments."""
        given = [self.oracle.type(argument) for argument in arguments]
        found = functions.nearest(name, given)
        if found is None:
            raise self._problem(node, _unfitting(node, name, given))
        for argument, type_ in zip(arguments, found.casts, strict=True):
            self._note(argument, type_)
        wanted = [
            argument if type_ is None else cast(argument, type_)
            for argument, type_ in zip(arguments, found.casts, strict=True)
        ]
        return macro(found.macro, *wanted)

    def _parameter(self, parameter: exp.Parameter) -> exp.Expr:
        name = parameter.name
        if self.parameters is None:
            unknown = exp.Null()
            unknown.meta[PARAMETER] = name
            self.parameter_types.setdefault(name, types.ENGINE_TYPES["unknown"])
            return unknown
        if name not in self.parameters:
            raise self._problem(parameter, f"The parameter '@{name}' has no value")
        return _moment(self.parameters[name])

    def _note(self, node: exp.Expr, type_: str | None) -> None:
        """If a node stands for a parameter, that is the type it is used as."""
        if type_ is not None and PARAMETER in node.meta:
            self.parameter_types[node.meta[PARAMETER]] = type_

    def _operation(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Neg) and node.this.is_number:
            return node
        operands = [node.args[part] for part in ("this", "expression") if part in node.args]
        return self._overloaded(node, OPERATORS[type(node)][0], operands)

    def _summed(self, node: exp.Expr, written: exp.Expr) -> exp.Expr:
        """A sum is of its operands' type in Timestream, of a wider one in DuckDB."""
        if isinstance(written.parent, _AROUND_A_CALL) or not _is_sum(node):
            return node
        type_ = types.SUMS.get(self.oracle.type(node))
        return cast(node.copy(), type_) if type_ else node

    def _around(self, node: exp.Expr) -> exp.Expr:
        return self._summed(node, node)

    def _ignore_nulls(self, node: exp.IgnoreNulls) -> exp.Expr:
        """The engine has `lag(x IGNORE NULLS) OVER` for `lag(x) IGNORE NULLS OVER`."""
        call: exp.Expr = node.this
        if isinstance(call, exp.Anonymous) and call.expressions:
            last = call.expressions[-1]
            last.replace(exp.IgnoreNulls(this=last.copy()))
        return call

    def _respect_nulls(self, node: exp.RespectNulls) -> exp.Expr:
        call: exp.Expr = node.this
        return call

    def _comparison(self, node: exp.Expr) -> exp.Expr:
        """The engine would compare a text with a number by reading a number out of it."""
        if not isinstance(node.expression, exp.Any | exp.All):
            left, right = self._types_noted(node.this, node.expression)
            if not types.comparable(left, right):
                shown = f"{types.name(left)}, {types.name(right)}"
                raise self._problem(node, f"'{COMPARISONS[type(node)]}' cannot be applied to {shown}")
        return node

    def _between(self, node: exp.Between) -> exp.Expr:
        value, low, high = node.this, node.args["low"], node.args["high"]
        for type_, bound in (self._types_noted(value, low), self._types_noted(value, high)):
            if not types.comparable(type_, bound):
                shown = f"{types.name(type_)} is BETWEEN {types.name(bound)}"
                raise self._problem(node, f"Cannot check if {shown}")
        return node

    def _types_noted(self, left: exp.Expr, right: exp.Expr) -> tuple[str, str]:
        """The types of what is compared; a parameter is of the other's."""
        given = self.oracle.type(left), self.oracle.type(right)
        self._note(left, given[1])
        self._note(right, given[0])
        return given

    def _literal(self, literal: exp.Literal) -> exp.Expr:
        """Timestream has no decimals: a number with a point or an exponent is a double."""
        text = literal.name
        if literal.is_string:
            return literal
        if text.isdigit():
            if int(text) > MOST_BIGINT:
                raise self._problem(literal, f"Invalid numeric literal: {text}")
            return literal
        return exp.Literal.number(text if "e" in text.lower() else f"{text}e0")

    def _interval(self, node: exp.Interval) -> exp.Expr:
        """`5m` and `INTERVAL '5' MINUTE`."""
        unit, text = node.text("unit").lower(), node.this.name
        try:
            if unit in NANOSECONDS:
                return macro("_interval", exp.Literal.number(_scaled(text, NANOSECONDS[unit])))
            return engine("to_months", exp.Literal.number(int(text) * MONTHS[unit]))
        except (KeyError, ValueError):
            raise self._problem(node, f"Invalid interval: {text} {unit}") from None

    def _conversion(self, node: exp.Cast) -> exp.Expr:
        kind = node.to.this
        if kind not in CASTS or node.to.expressions:
            raise self._problem(node, f"Unknown type: {node.to.sql('trino').lower()}")
        made = self._overloaded(node, CASTS[kind], [node.this])
        return engine("try", made) if isinstance(node, exp.TryCast) else made

    def _extract(self, extract: exp.Extract) -> exp.Expr:
        name = extract.name.lower()
        if name not in library.EXTRACTABLE:
            raise self._problem(extract, f"Invalid EXTRACT field: {name}")
        return self._overloaded(extract, name, [extract.expression])

    def _strpos(self, node: exp.StrPosition) -> exp.Expr:
        return self._overloaded(node, "strpos", [node.this, node.args["substr"]])

    def _subscript(self, bracket: exp.Bracket) -> exp.Expr:
        return self._overloaded(bracket, "_subscript", [bracket.this, *bracket.expressions])

    def _dot(self, dot: exp.Dot) -> exp.Expr:
        """A row's field, its type made plain: a null row in a question would make it a null of no type."""
        if not isinstance(dot.expression, exp.Identifier):
            raise self._problem(dot, "The name of a function cannot be qualified")
        type_ = dict(self.oracle.fields(self.oracle.type(dot.this), dot)).get(dot.name)
        if type_ is None:
            raise self._problem(dot, f"Column '{dot.name}' does not exist")
        return cast(dot.copy(), type_)


_AROUND_A_CALL = (exp.Window, exp.Filter)

_RULES: dict[type[exp.Expr], Callable[[Rules, Any], exp.Expr]] = {
    **dict.fromkeys(OPERATORS, Rules._operation),
    **dict.fromkeys(COMPARISONS, Rules._comparison),
    **dict.fromkeys(_AROUND_A_CALL, Rules._around),
    exp.Anonymous: Rules._call,
    exp.Between: Rules._between,
    exp.Bracket: Rules._subscript,
    exp.Cast: Rules._conversion,
    exp.Dot: Rules._dot,
    exp.Extract: Rules._extract,
    exp.IgnoreNulls: Rules._ignore_nulls,
    exp.Interval: Rules._interval,
    exp.Literal: Rules._literal,
    exp.Parameter: Rules._parameter,
    exp.RespectNulls: Rules._respect_nulls,
    exp.StrPosition: Rules._strpos,
    exp.TryCast: Rules._conversion,
}


def _moment(nanoseconds: int) -> exp.Expr:
    """A timestamp, of nanoseconds since 1970."""
    return engine("make_timestamp_ns", exp.Literal.number(nanoseconds))


def _scaled(text: str, unit: int) -> int:
    """`1.5` times a unit, exactly."""
    whole, _, fraction = text.partition(".")
    parts: int = 10 ** len(fraction)
    return int(whole or "0") * unit + int(fraction or "0") * unit // parts


def _is_sum(node: exp.Expr) -> bool:
    while isinstance(node, _AROUND_A_CALL):
        node = node.this
    return isinstance(node, exp.Anonymous) and node.name in library.SUMS


def _unfitting(node: exp.Expr, name: str, given: list[str]) -> str:
    shown = ", ".join(map(types.name, given))
    if type(node) in OPERATORS:
        return f"'{OPERATORS[type(node)][1]}' cannot be applied to {shown}"
    if isinstance(node, exp.Cast):
        return f"Cannot cast {shown} to {node.to.sql('trino').lower()}"
    if name in library.CLOCK:
        shown = ", ".join(map(types.name, given[1:]))
    return f"Unexpected parameters ({shown}) for function {name}. Expected: {functions.expected(name)}"
