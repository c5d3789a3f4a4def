# SPDX-License-Identifier: MIT
"""Time series, and what metric math's operators do with them and with numbers.

A missing value counts as 0 where another series has one; a point that divides by zero is dropped.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias


class MathError(ValueError):
    """An expression that can't be: its syntax, a function that isn't there, values of the wrong kind."""


@dataclass(frozen=True)
class Series:
    """A time series.

    :ivar points: values by the start of their period, in seconds since 1970, in order of time.
    :ivar label: of the metric that it comes from.
    :ivar period: in seconds, if it is a metric and not what an expression made of some.
    """

    points: dict[int, float]
    label: str = ""
    period: int | None = None

    def mapped(self, apply: Callable[[float], float | None]) -> Series:
        """Another value in the place of each; none where there is None."""
        return series(((time, apply(value)) for time, value in self.points.items()), self.label)


Value: TypeAlias = "float | str | Series | list[Series]"
"""A number (S), a keyword or text, a time series (TS), an array of time series (TS[])."""


def series(points: Iterable[tuple[int, float | None]], label: str = "") -> Series:
    """A series of the points that have a finite value."""
    return Series(
        {time: value for time, value in points if value is not None and math.isfinite(value)}, label
    )


def times(several: Iterable[Series]) -> list[int]:
    """When at least one of the series has a value."""
    return sorted(set().union(*(each.points for each in several)))


def _safely(apply: Callable[[float, float], float]) -> Callable[[float, float], float | None]:
    def safe(left: float, right: float) -> float | None:
        try:
            result = apply(left, right)
        except (ZeroDivisionError, OverflowError):
            return None
        return None if isinstance(result, complex) else result

    return safe


OPERATORS: dict[str, Callable[[float, float], float | None]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _safely(operator.truediv),
    "^": _safely(operator.pow),
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "<": lambda left, right: float(left < right),
    "<=": lambda left, right: float(left <= right),
    ">": lambda left, right: float(left > right),
    ">=": lambda left, right: float(left >= right),
    "AND": lambda left, right: float(bool(left) and bool(right)),
    "OR": lambda left, right: float(bool(left) or bool(right)),
}
OPERATORS |= {"&&": OPERATORS["AND"], "||": OPERATORS["OR"]}


def combine(sign: str, left: Value, right: Value) -> Value:
    """An operator's result, of whatever kinds its two sides are."""
    apply = OPERATORS[sign]
    match left, right:
        case (float(), float()):
            result = apply(left, right)
            return math.nan if result is None else result
        case (Series(), float()):
            return left.mapped(lambda value: apply(value, right))
        case (float(), Series()):
            return right.mapped(lambda value: apply(left, value))
        case (Series(), Series()):
            both = (
                (t, apply(left.points.get(t, 0.0), right.points.get(t, 0.0))) for t in times((left, right))
            )
            return series(both, left.label)
        case (list(), float() | Series()):
            return [one for each in left if isinstance(one := combine(sign, each, right), Series)]
        case (float() | Series(), list()):
            return [one for each in right if isinstance(one := combine(sign, left, each), Series)]
    raise MathError(f"The operator {sign} does not take {kind(left)} and {kind(right)}")


def kind(value: Value) -> str:
    """What a value is, for a message."""
    return {float: "a number", str: "a word", Series: "a time series", list: "an array"}[type(value)]
