# SPDX-License-Identifier: MIT
"""The values of rule SQL and the standard conversions between them.

An Int is an int, a Decimal a decimal.Decimal, Null is None, and Undefined a value of its own: what an absent
attribute and a failed conversion yield. Bytes are a payload that is not JSON.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-data-types.html
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from decimal import ROUND_FLOOR, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from enum import Enum
from typing import Any, Final, TypeAlias


class Undefined(Enum):
    """The type of Undefined."""

    UNDEFINED = "Undefined"


UNDEFINED: Final = Undefined.UNDEFINED

Value: TypeAlias = "Undefined | bool | int | Decimal | str | bytes | list[Value] | dict[str, Value] | None"
Number: TypeAlias = "int | Decimal"

# "A precision of 34 digits", up to 9.99E999; what does not fit is Undefined, as is division by zero.
CONTEXT = Context(prec=34, Emax=999, Emin=-999, traps=[InvalidOperation, DivisionByZero, Overflow])

_NUMERIC = re.compile(r"-?\d+(\.\d+)?(E-?\d+)?", re.IGNORECASE | re.ASCII)


def kind(value: Value) -> str:
    """The name of a value's type, Int and Decimal being one: they compare with each other."""
    if value is None:
        return "null"
    return _KINDS[type(value)]


_KINDS: dict[type, str] = {
    Undefined: "undefined",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    str: "string",
    bytes: "binary",
    list: "array",
    dict: "object",
}


def whole(number: Number) -> Number:
    """A Decimal that is a whole number as an Int, which is how SQL from 2016-03-23 on sees 10.0."""
    if isinstance(number, Decimal) and number == number.to_integral_value():
        return int(number)
    return number


def decimal(text: str) -> Number | Undefined:
    """The Decimal that a text spells, rounded to 34 digits; Undefined if it is none or too large."""
    if not _NUMERIC.fullmatch(text):
        return UNDEFINED
    try:
        return CONTEXT.create_decimal(text)
    except ArithmeticError:
        return UNDEFINED


def to_number(value: Value) -> Number | Undefined:
    """A number or a text that spells one; anything else, Boolean and Null included, is Undefined."""
    if isinstance(value, str):
        return decimal(value)
    return value if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else UNDEFINED


def to_int(value: Value) -> int | Undefined:
    """A number rounded down, as AWS's functions round what they want as an Int."""
    number = to_number(value)
    return number if number is UNDEFINED else int(Decimal(number).to_integral_value(ROUND_FLOOR))


def to_boolean(value: Value) -> bool | Undefined:
    """A Boolean or "true" or "false" in any case; anything else is Undefined."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), UNDEFINED)
    return value if isinstance(value, bool) else UNDEFINED


def to_text(value: Value) -> str | Undefined:
    """A value as a String; arrays and objects as their JSON. Null and Undefined stay Undefined."""
    match value:
        case str():
            return value
        case bool() | list() | dict():
            return json.dumps(to_json(value), separators=(",", ":"), ensure_ascii=False)
        case int() | Decimal():
            return str(value)
        case _:
            return UNDEFINED


def from_json(text: str, number: Callable[[Decimal], Value] = lambda exact: exact) -> Value:
    """The value of a JSON document, its fractional numbers as `number` makes them.

    :raises ValueError: if it is not JSON; NaN and Infinity are not, nor is a number beyond 9.99E999.
    """

    def parse_float(digits: str) -> Value:
        exact = decimal(digits.replace("+", ""))
        if not isinstance(exact, Decimal):
            raise ValueError(f"{digits} is out of range")  # noqa: TRY004 - not the caller's type but the document
        return number(exact)

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    try:
        document: Value = json.loads(text, parse_float=parse_float, parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return document


def to_json(value: Value) -> Any:
    """A value as json.dumps takes it: Undefined attributes left out, a Decimal as a float (25.0 stays 25.0).

    A Decimal too large for a float is a whole number, as it has 34 digits, and becomes an int.
    """
    match value:
        case dict():
            return {key: to_json(each) for key, each in value.items() if each is not UNDEFINED}
        case list():
            return [None if each is UNDEFINED else to_json(each) for each in value]
        case Decimal():
            return int(value) if math.isinf(float(value)) else float(value)
        case Undefined():
            return ""
        case _:
            return value
