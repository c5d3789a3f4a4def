# SPDX-License-Identifier: MIT
"""Expressions of Timestream's, put into DuckDB's terms: a rule for each kind of node that differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from sqlglot import exp

from localaws.timestream.sql import functions, library, regexes, sharing, types
from localaws.timestream.sql.aggregation import Aggregations
from localaws.timestream.sql.conversions import TEXTS, Conversions
from localaws.timestream.sql.dialect import MONTHS, NANOSECONDS
from localaws.timestream.sql.terms import engine, field, macro

MOST_BIGINT = 2**63 - 1

OPERATORS: dict[type[exp.Expr], str] = {
    exp.Add: "_plus",
    exp.Sub: "_minus",
    exp.Mul: "_times",
    exp.Div: "_divide",
    exp.Mod: "_modulus",
    exp.Neg: "_negate",
    exp.DPipe: "_joined",
}

COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}


class Rules(Aggregations, Conversions):
    """The rules, for one statement."""

    def applied(self, node: exp.Expr) -> exp.Expr:
        """A node in DuckDB's terms, given that its parts are already."""
        rule = _RULES.get(type(node))
        return rule(self, node) if rule else node

    def field(self, row: exp.Expr, name: str, at: exp.Expr) -> exp.Expr:
        """A row's field.

        :param at: what the statement has for it.
        """
        fields = types.fields(self.oracle.type(row))
        found = (i for i, (each, _) in enumerate(fields) if each.lower() == name.lower())
        place = next(found, None)
        if place is None:
            raise self.problem(at, f"Column '{name}' does not exist")
        return field(row, place + 1, fields[place][1])

    def _call(self, call: exp.Anonymous) -> exp.Expr:
        name, arguments = call.name.lower(), call.expressions
        if name in functions.AGGREGATES:
            return self.aggregated(call, name)
        for argument in arguments:
            if isinstance(argument, exp.Distinct | exp.Order):
                raise self.problem(
                    argument, f"{type(argument).__name__} is not supported for function {name}"
                )
        if translate := library.PATTERNS.get(name):
            arguments = arguments[:1] + [self._pattern(pattern, translate) for pattern in arguments[1:]]
        if name in library.CLOCK:
            arguments = [self.now.copy(), *arguments]
        if name in library.TEXTS and arguments:
            given = self.oracle.type(arguments[0])
            arguments = [self.converted(call, arguments[0], given, TEXTS), *arguments[1:]]
        if name in functions.OVERLOADS and not name.startswith("_"):
            return regexes.shortened(self.overloaded(call, name, arguments), self.oracle.matches_nothing)
        return self._built(call, name, arguments)

    def _built(self, call: exp.Anonymous, name: str, arguments: list[exp.Expr]) -> exp.Expr:
        if name == "typeof" and len(arguments) == 1:
            return exp.Literal.string(types.name(self.oracle.type(arguments[0])))
        if name == "concat" and len(arguments) > 1:
            return reduce(lambda a, b: self.overloaded(call, "_joined", [a, b]), arguments)
        if name in library.ALIKE:
            self._check_alike(call, f"All {name.upper()} operands must be the same type", arguments)
        try:
            made = self._shared(name, arguments)
        except TypeError:
            raise self.problem(call, f"Unexpected number of arguments for function {name}") from None
        if made is None:
            raise self.problem(call, f"Function '{call.name}' not registered")
        return made

    def _shared(self, name: str, arguments: list[exp.Expr]) -> exp.Expr | None:
        """What is built; if that is large, of arguments that are written once."""
        made = functions.build(name, arguments)
        if made is None or sharing.size(made) <= sharing.MOST:
            return made
        return sharing.bound(
            name, arguments, self.oracle.type, lambda parts: functions.build(name, parts) or made
        )

    def _pattern(self, pattern: exp.Expr, translate: Callable[[str], str]) -> exp.Expr:
        if not pattern.is_string:
            raise self.problem(pattern, "The format of a date must be a literal")
        try:
            return exp.Literal.string(translate(pattern.name))
        except ValueError as error:
            raise self.problem(pattern, str(error)) from None

    def _operation(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Neg) and node.this.is_number:
            return node
        operands = [node.args[part] for part in ("this", "expression") if part in node.args]
        return self.overloaded(node, OPERATORS[type(node)], operands)

    def _comparison(self, node: exp.Expr) -> exp.Expr:
        """The engine would compare a text with a number by reading a number out of it."""
        if not isinstance(node.expression, exp.Any | exp.All):
            left, right = self._types_noted(node.this, node.expression)
            if not types.comparable(left, right):
                shown = f"{types.name(left)}, {types.name(right)}"
                raise self.problem(node, f"'{COMPARISONS[type(node)]}' cannot be applied to {shown}")
        return node

    def _between(self, node: exp.Between) -> exp.Expr:
        value, low, high = node.this, node.args["low"], node.args["high"]
        for type_, bound in (self._types_noted(value, low), self._types_noted(value, high)):
            if not types.comparable(type_, bound):
                shown = f"{types.name(type_)} is BETWEEN {types.name(bound)}"
                raise self.problem(node, f"Cannot check if {shown}")
        return node

    def _case(self, case: exp.Case) -> exp.Expr:
        if case.this:
            self._check_alike(case, "CASE operand type does not match", [case.this, *_each(case, "this")])
        default = [case.args["default"]] if case.args.get("default") else []
        self._check_alike(case, "All CASE results must be the same type", [*_each(case, "true"), *default])
        return case

    def _if(self, node: exp.If) -> exp.Expr:
        results = [node.args[part] for part in ("true", "false") if node.args.get(part)]
        self._check_alike(node, "Result types for IF must be the same", results)
        return node

    def _check_alike(self, node: exp.Expr, message: str, values: Iterable[exp.Expr]) -> None:
        """The engine would read a number out of a text to have values of one type."""
        kinds = [self.oracle.type(value) for value in values]
        for kind in kinds[1:]:
            if types.common(kinds[0], kind) is None:
                raise self.problem(node, f"{message}: {types.name(kinds[0])}, {types.name(kind)}")

    def _types_noted(self, left: exp.Expr, right: exp.Expr) -> tuple[str, str]:
        """The types of what is compared; a parameter is of the other's."""
        given = self.oracle.type(left), self.oracle.type(right)
        self.note(left, given[1])
        self.note(right, given[0])
        return given

    def _literal(self, literal: exp.Literal) -> exp.Expr:
        """Timestream has no decimals: a number with a point or an exponent is a double."""
        text = literal.name
        if literal.is_string:
            return literal
        if text.isdigit():
            if int(text) > MOST_BIGINT:
                raise self.problem(literal, f"Invalid numeric literal: {text}")
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
            raise self.problem(node, f"Invalid interval: {text} {unit}") from None

    def _extract(self, extract: exp.Extract) -> exp.Expr:
        name = extract.name.lower()
        if name not in library.EXTRACTABLE:
            raise self.problem(extract, f"Invalid EXTRACT field: {name}")
        return self.overloaded(extract, name, [extract.expression])

    def _strpos(self, node: exp.StrPosition) -> exp.Expr:
        return self.overloaded(node, "strpos", [node.this, node.args["substr"]])

    def _subscript(self, bracket: exp.Bracket) -> exp.Expr:
        """An array's element, a map's value, or a row's field by its place."""
        fields = types.fields(self.oracle.type(bracket.this))
        if not fields:
            return self.overloaded(bracket, "_subscript", [bracket.this, *bracket.expressions])
        (place,) = bracket.expressions
        if not place.is_int or not 1 <= int(place.name) <= len(fields):
            raise self.problem(
                bracket, f"The place of a row's field must be a number from 1 to {len(fields)}"
            )
        return field(bracket.this, int(place.name), fields[int(place.name) - 1][1])

    def _dot(self, dot: exp.Dot) -> exp.Expr:
        if not isinstance(dot.expression, exp.Identifier):
            raise self.problem(dot, "The name of a function cannot be qualified")
        return self.field(dot.this, dot.name, dot)


_RULES: dict[type[exp.Expr], Callable[[Rules, Any], exp.Expr]] = {
    **dict.fromkeys(OPERATORS, Rules._operation),
    **dict.fromkeys(COMPARISONS, Rules._comparison),
    exp.Anonymous: Rules._call,
    exp.Between: Rules._between,
    exp.Bracket: Rules._subscript,
    exp.Case: Rules._case,
    exp.Cast: Rules.conversion,
    exp.Dot: Rules._dot,
    exp.Extract: Rules._extract,
    exp.Filter: Rules.filter,
    exp.If: Rules._if,
    exp.IgnoreNulls: Rules.ignore_nulls,
    exp.Interval: Rules._interval,
    exp.Literal: Rules._literal,
    exp.Parameter: Rules.parameter,
    exp.RespectNulls: Rules.respect_nulls,
    exp.StrPosition: Rules._strpos,
    exp.TryCast: Rules.conversion,
    exp.Window: Rules.window,
}


def _each(case: exp.Case, part: str) -> list[exp.Expr]:
    """What each WHEN of a CASE has in a part."""
    return [when.args[part] for when in case.args["ifs"]]


def _scaled(text: str, unit: int) -> int:
    """`1.5` times a unit, exactly."""
    whole, _, fraction = text.partition(".")
    parts: int = 10 ** len(fraction)
    return int(whole or "0") * unit + int(fraction or "0") * unit // parts
