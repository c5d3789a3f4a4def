# SPDX-License-Identifier: MIT
"""The operators of rule SQL, each by the operand table of its section.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-operators.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal

from localaws.iot.values import CONTEXT, UNDEFINED, Number, Value, kind, to_boolean, to_number, to_text

Operator = Callable[[Value, Value], Value]
_Exact = Callable[[Number, Number], Decimal]


def _arithmetic(decimals: _Exact, integers: _Exact) -> Operator:
    """Two Ints yield an Int; any other numbers, and texts that spell numbers, a Decimal."""

    def apply(left: Value, right: Value) -> Value:
        a, b = to_number(left), to_number(right)
        if a is UNDEFINED or b is UNDEFINED:
            return UNDEFINED
        try:
            if isinstance(left, int) and isinstance(right, int):
                return int(integers(a, b))
            return decimals(a, b)
        except ArithmeticError:
            return UNDEFINED

    return apply


_sum = _arithmetic(CONTEXT.add, CONTEXT.add)


def _add(left: Value, right: Value) -> Value:
    if not isinstance(left, str) and not isinstance(right, str):
        return _sum(left, right)
    a, b = to_text(left), to_text(right)
    return UNDEFINED if a is UNDEFINED or b is UNDEFINED else a + b


def _ordering(compare: Callable[[Number, Number], bool]) -> Operator:
    def apply(left: Value, right: Value) -> Value:
        a, b = to_number(left), to_number(right)
        return UNDEFINED if a is UNDEFINED or b is UNDEFINED else compare(a, b)

    return apply


def same(left: Value, right: Value) -> bool:
    """Whether two values are of one type and equal, down to every item; 1 and 1.0 are, 1 and true are not."""
    if kind(left) != kind(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return left == right


def equal(left: Value, right: Value) -> Value:
    """Operands of different types are unequal; with an Undefined one the result is Undefined."""
    return UNDEFINED if left is UNDEFINED or right is UNDEFINED else same(left, right)


def _unequal(left: Value, right: Value) -> Value:
    return negate(equal(left, right))


def contains(item: Value, array: Value) -> Value:
    """`item IN array`."""
    if item is UNDEFINED or not isinstance(array, list):
        return UNDEFINED
    return any(same(item, each) for each in array)


def _logic(combine: Callable[[bool, bool], bool]) -> Operator:
    """Both operands are wanted as Booleans: by AWS's table, even `false AND undefined` is Undefined."""

    def apply(left: Value, right: Value) -> Value:
        a, b = to_boolean(left), to_boolean(right)
        return UNDEFINED if a is UNDEFINED or b is UNDEFINED else combine(a, b)

    return apply


def negate(value: Value) -> Value:
    """`NOT value`."""
    boolean = to_boolean(value)
    return UNDEFINED if boolean is UNDEFINED else not boolean


OPERATORS: dict[str, Operator] = {
    "+": _add,
    "-": _arithmetic(CONTEXT.subtract, CONTEXT.subtract),
    "*": _arithmetic(CONTEXT.multiply, CONTEXT.multiply),
    "/": _arithmetic(CONTEXT.divide, CONTEXT.divide_int),
    "%": _arithmetic(CONTEXT.remainder, CONTEXT.remainder),
    "=": equal,
    "<>": _unequal,
    "<": _ordering(operator.lt),
    "<=": _ordering(operator.le),
    ">": _ordering(operator.gt),
    ">=": _ordering(operator.ge),
    "AND": _logic(operator.and_),
    "OR": _logic(operator.or_),
    "IN": contains,
}
