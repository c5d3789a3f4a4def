# SPDX-License-Identifier: MIT
"""Aggregate and window functions, and what can be said of their calls.

What a function means in DuckDB may be several calls and something done with their results, so that
DISTINCT, ORDER BY, FILTER, IGNORE NULLS and OVER go to each of these calls, and not around the whole.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from localaws.timestream.sql import functions, types
from localaws.timestream.sql.calls import Calls
from localaws.timestream.sql.terms import AGGREGATE, cast, engine

AGGREGATION = "aggregation"
"""The key that marks the whole of a translated call of an aggregate or window function."""


class Aggregations(Calls):
    """Puts calls of aggregate and window functions into DuckDB's terms."""

    def aggregated(self, call: exp.Anonymous, name: str) -> exp.Expr:
        """The call alone."""
        arguments, wrap = _taken_apart(call.expressions)
        for argument in arguments:
            for node in argument.walk():
                node.meta.pop(AGGREGATE, None)
        found, fitting = self.chosen(call, functions.AGGREGATES[name], name, arguments)
        return _aggregation(_around_calls(found.filled(fitting), wrap))

    def filter(self, node: exp.Filter) -> exp.Expr:
        """`call FILTER (WHERE condition)`."""
        if AGGREGATION not in node.this.meta:
            raise self.problem(node, "FILTER is not supported for functions that are not aggregations")
        return _aggregation(
            _around_calls(node.this, lambda x: exp.Filter(this=x, expression=node.expression.copy()))
        )

    def window(self, node: exp.Window) -> exp.Expr:
        """`call OVER (...)`, or the definition of a window in the WINDOW clause."""
        self._range(node)
        if isinstance(node.this, exp.Identifier):
            return node
        if AGGREGATION not in node.this.meta:
            raise self.problem(
                node, "OVER is not supported for functions that are neither aggregations nor windows"
            )
        terms = {key: value for key, value in node.args.items() if key != "this"}
        return _around_calls(node.this, lambda x: exp.Window(this=x, **_copied(terms)))

    def _range(self, node: exp.Window) -> None:
        """DuckDB has no range of intervals as we keep them: it is one of nanoseconds, in that order."""
        spec, order = node.args.get("spec"), node.args.get("order")
        if not spec or spec.text("kind") != "RANGE" or not order:
            return
        sides = [side for side in ("start", "end") if self._is_interval(spec.args.get(side))]
        for side in sides:
            spec.set(side, cast(spec.args[side].copy(), "BIGINT"))
        if sides:
            key = order.expressions[0]
            key.set("this", engine("epoch_ns", cast(key.this.copy(), types.ENGINE_TYPES["timestamp"])))

    def _is_interval(self, bound: object) -> bool:
        return isinstance(bound, exp.Expr) and self.oracle.type(bound) == types.ENGINE_TYPES["interval"]

    def ignore_nulls(self, node: exp.IgnoreNulls) -> exp.Expr:
        """The engine has `lag(x IGNORE NULLS) OVER` for `lag(x) IGNORE NULLS OVER`."""
        return _aggregation(_around_calls(node.this, _ignoring_nulls))

    def respect_nulls(self, node: exp.RespectNulls) -> exp.Expr:
        """What is so anyway."""
        call: exp.Expr = node.this
        return call


def _aggregation(made: exp.Expr) -> exp.Expr:
    made.meta[AGGREGATION] = True
    return made


def _around_calls(made: exp.Expr, wrap: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """Put something around each call of the engine's, which is then the call."""
    for call in [node for node in made.walk() if AGGREGATE in node.meta]:
        inner = call.copy()
        del inner.meta[AGGREGATE]
        outer = wrap(inner)
        outer.meta[AGGREGATE] = True
        if call is made:
            return outer
        call.replace(outer)
    return made


def _taken_apart(arguments: list[exp.Expr]) -> tuple[list[exp.Expr], Callable[[exp.Expr], exp.Expr]]:
    """The arguments alone, and what puts DISTINCT and ORDER BY back into a call."""
    order, distinct = None, False
    if arguments and isinstance(arguments[-1], exp.Order):
        order = arguments[-1].expressions
        arguments = [*arguments[:-1], arguments[-1].this]
    if len(arguments) == 1 and isinstance(arguments[0], exp.Distinct):
        distinct, arguments = True, arguments[0].expressions
    if len(arguments) == 1 and isinstance(arguments[0], exp.Star):
        arguments = []

    def wrap(call: exp.Expr) -> exp.Expr:
        inner = call.expressions
        if distinct and not isinstance(inner[0], exp.Distinct):
            inner = [exp.Distinct(expressions=inner)]
        if order:
            inner = [*inner[:-1], exp.Order(this=inner[-1], expressions=[each.copy() for each in order])]
        call.set("expressions", inner)
        return call

    return arguments, wrap


def _ignoring_nulls(call: exp.Expr) -> exp.Expr:
    if call.expressions:
        call.set("expressions", [*call.expressions[:-1], exp.IgnoreNulls(this=call.expressions[-1])])
    return call


def _copied(terms: dict[str, object]) -> dict[str, object]:
    return {
        key: value.copy()
        if isinstance(value, exp.Expr)
        else [item.copy() for item in value]
        if isinstance(value, list)
        else value
        for key, value in terms.items()
    }
