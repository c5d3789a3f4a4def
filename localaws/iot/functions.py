# SPDX-License-Identifier: MIT
"""The functions of rule SQL, in one table with the SQL versions that have them.

A function called with what it cannot take, or with too many or few arguments, is Undefined, as documented.
Where AWS's page contradicts itself its tables hold, not its examples: get("abc", 1), bitnot(13), concat(1).

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import random
import re
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from localaws.iot import dates
from localaws.iot.message import Message
from localaws.iot.operators import OPERATORS
from localaws.iot.topics import basic_ingest
from localaws.iot.values import (
    CONTEXT,
    UNDEFINED,
    Number,
    Value,
    from_json,
    to_boolean,
    to_int,
    to_number,
    to_text,
    whole,
)

# The versions of rule SQL; they happen to sort as they follow each other.
ORIGINAL, SECOND, BETA = VERSIONS = ("2015-10-08", "2016-03-23", "beta")


@dataclass(frozen=True)
class Function:
    """A function of rule SQL.

    :ivar apply: takes the arguments' values; if `contextual`, the message and the SQL version ahead of them.
    :ivar arity: the fewest and the most arguments; most is None without a limit.
    :ivar since: the first SQL version that has it.
    :ivar literals: checks, by position, of literal arguments: they raise ValueError when a rule is made.
    """

    apply: Callable[..., Value]
    arity: tuple[int, int | None]
    since: str = ORIGINAL
    contextual: bool = False
    literals: Mapping[int, Callable[[Any], object]] = field(default_factory=dict)

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        fewest, most = self.arity
        return fewest <= count and (most is None or count <= most)


def _texts(function: Callable[..., Value]) -> Callable[..., Value]:
    """Of Strings: other arguments are converted, and Undefined or Null ones make the result Undefined."""

    def apply(*values: Value) -> Value:
        texts = [to_text(value) for value in values]
        return UNDEFINED if UNDEFINED in texts else function(*texts)

    return apply


def _numbers(function: Callable[..., Value]) -> Callable[..., Value]:
    """Of numbers, or Strings that spell them."""

    def apply(*values: Value) -> Value:
        numbers = [to_number(value) for value in values]
        return UNDEFINED if UNDEFINED in numbers else function(*numbers)

    return apply


def _integers(function: Callable[..., int]) -> Callable[..., Value]:
    """Of Ints: other numbers are rounded down."""

    def apply(*values: Value) -> Value:
        integers = [to_int(value) for value in values]
        return UNDEFINED if UNDEFINED in integers else function(*integers)

    return apply


def _double(function: Callable[..., float]) -> Callable[..., Value]:
    """Of numbers in double precision, to a Decimal; imaginary and infinite results are Undefined."""

    def apply(*numbers: Number) -> Value:
        try:
            result = function(*map(float, numbers))
        except (ValueError, OverflowError, ZeroDivisionError):
            return UNDEFINED
        return Decimal(repr(result)) if math.isfinite(result) else UNDEFINED

    return _numbers(apply)


def _rounded(rounding: str) -> Callable[..., Value]:
    return _numbers(lambda number: int(Decimal(number).to_integral_value(rounding)))


def _abs(number: Number) -> Value:
    return number if number >= 0 else OPERATORS["-"](0, number)


def _sign(number: Number) -> Value:
    return (number > 0) - (number < 0)


def _trunc(number: Number, places: Number) -> Value:
    step = Decimal(1).scaleb(-min(max(math.floor(places), 0), 34))
    exact = Decimal(number)
    with suppress(ArithmeticError):  # so many places would not fit into 34 digits: it has fewer
        exact = exact.quantize(step, ROUND_DOWN, CONTEXT)
    return whole(CONTEXT.normalize(exact))


def _ascii(code: Value) -> Value:
    integer = to_int(code)
    return chr(integer) if integer is not UNDEFINED and 0 <= integer < 128 else UNDEFINED


def _nanvl(value: Value, default: Value) -> Value:
    return default if value is UNDEFINED or value is None else value


def _concat(*values: Value) -> Value:
    if len(values) == 1:
        return values[0]
    if any(isinstance(value, list) for value in values):
        return [item for value in values for item in (value if isinstance(value, list) else [value])]
    if any(isinstance(value, str) for value in values):
        return _texts(lambda *texts: "".join(texts))(*values)
    return UNDEFINED


def _pad(text: Value, width: Value) -> tuple[str, str] | None:
    string, spaces = to_text(text), to_int(width)
    if string is UNDEFINED or spaces is UNDEFINED:
        return None
    return string, " " * min(max(spaces, 0), 1000)


def _lpad(text: Value, width: Value) -> Value:
    padded = _pad(text, width)
    return padded[1] + padded[0] if padded else UNDEFINED


def _rpad(text: Value, width: Value) -> Value:
    padded = _pad(text, width)
    return padded[0] + padded[1] if padded else UNDEFINED


def _substring(text: Value, start: Value, *end: Value) -> Value:
    string, first = to_text(text), to_int(start)
    last = to_int(end[0]) if end else first
    if string is UNDEFINED or first is UNDEFINED or last is UNDEFINED:
        return UNDEFINED
    return string[max(first, 0) : max(last, 0) if end else None]


def _pattern(function: Callable[..., Value]) -> Callable[..., Value]:
    """Of Strings, the second a regular expression; if it is none, the result is Undefined."""

    def apply(text: str, pattern: str, *more: str) -> Value:
        try:
            return function(re.compile(pattern), text, *more)
        except (re.error, IndexError):
            return UNDEFINED

    return _texts(apply)


def _regexp_substr(pattern: re.Pattern[str], text: str) -> Value:
    found = pattern.search(text)
    return found[0] if found else UNDEFINED


def _regexp_replace(pattern: re.Pattern[str], text: str, replacement: str) -> Value:
    return pattern.sub(re.sub(r"\$(\d+)", r"\\g<\1>", replacement.replace("\\", "\\\\")), text)


def _get(collection: Value, key: Value) -> Value:
    if isinstance(collection, dict):
        return collection.get(key, UNDEFINED) if isinstance(key, str) else UNDEFINED
    index = to_int(key)
    if not isinstance(collection, (list, str)) or index is UNDEFINED or not 0 <= index < len(collection):
        return UNDEFINED
    return collection[index]


def _utf8(text: str) -> bytes:
    """As Java encodes it: half of a surrogate pair, which JSON can escape, becomes a question mark."""
    return text.encode(errors="replace")


def _hash(algorithm: str) -> Callable[..., Value]:
    return _texts(lambda text: hashlib.new(algorithm, _utf8(text), usedforsecurity=False).hexdigest())


def _encode(value: Value, _scheme: Value) -> Value:
    raw = value if isinstance(value, bytes) else to_text(value)
    if raw is UNDEFINED:
        return UNDEFINED
    return base64.b64encode(raw if isinstance(raw, bytes) else _utf8(raw)).decode("ascii")


def _decode(value: Value, _scheme: Value) -> Value:
    if not isinstance(value, str):
        return UNDEFINED
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    try:
        return from_json(text, whole)
    except ValueError:
        return text


def _base64_only(scheme: object) -> None:
    if scheme != "base64":
        raise ValueError(f"the only encoding scheme is 'base64', not {scheme!r}")


def _format_time(pattern: Value, epoch_ms: Value, zone: Value = "UTC") -> Value:
    milliseconds = to_int(epoch_ms)
    if not isinstance(pattern, str) or not isinstance(zone, str) or milliseconds is UNDEFINED:
        return UNDEFINED
    try:
        return dates.format_time(pattern, milliseconds, zone)
    except ValueError:
        return UNDEFINED


def _time_to_epoch(text: Value, pattern: Value) -> Value:
    if not isinstance(text, str) or not isinstance(pattern, str):
        return UNDEFINED
    try:
        return dates.parse_time(text, pattern)
    except (ValueError, OverflowError):
        return UNDEFINED


def _transform(mode: Value, attributes: Value, array: Value) -> Value:
    if mode != "enrichArray" or not isinstance(attributes, dict) or not isinstance(array, list):
        return UNDEFINED
    enriched: list[Value] = [each | attributes for each in array if isinstance(each, dict)]
    return enriched if len(enriched) == len(array) else UNDEFINED


def _topic(message: Message, _version: str, *segment: Value) -> Value:
    ingest = basic_ingest(message.topic)
    topic = ingest[1] if ingest else message.topic
    if not segment:
        return topic
    number, levels = to_int(segment[0]), topic.split("/")
    return levels[number - 1] if number is not UNDEFINED and 0 < number <= len(levels) else UNDEFINED


def _of_message(read: Callable[[Message], Value]) -> Function:
    return Function(lambda message, _version: read(message), (0, 0), contextual=True)


_OF_MATH = ("acos", "asin", "atan", "cos", "cosh", "exp", "sin", "sinh", "sqrt", "tan", "tanh")
_ONE, _TWO, _THREE = (1, 1), (2, 2), (3, 3)

FUNCTIONS: dict[str, Function] = {
    # of numbers
    "abs": Function(_numbers(_abs), _ONE),
    "ceil": Function(_rounded(ROUND_CEILING), _ONE),
    "floor": Function(_rounded(ROUND_FLOOR), _ONE),
    "round": Function(_rounded(ROUND_HALF_UP), _ONE),
    "trunc": Function(_numbers(_trunc), _TWO),
    "sign": Function(_numbers(_sign), _ONE),
    "mod": Function(OPERATORS["%"], _TWO),
    "remainder": Function(OPERATORS["%"], _TWO),
    "nanvl": Function(_nanvl, _TWO),
    "rand": Function(lambda: Decimal(repr(random.SystemRandom().random())), (0, 0)),
    **{name: Function(_double(getattr(math, name)), _ONE) for name in _OF_MATH},
    "atan2": Function(_double(math.atan2), _TWO),
    "ln": Function(_double(math.log), _ONE),
    "log": Function(_double(math.log10), _ONE),
    "power": Function(_double(math.pow), _TWO),
    "bitand": Function(_integers(lambda a, b: a & b), _TWO),
    "bitor": Function(_integers(lambda a, b: a | b), _TWO),
    "bitxor": Function(_integers(lambda a, b: a ^ b), _TWO),
    "bitnot": Function(_integers(lambda a: ~a), _ONE),
    # of strings
    "chr": Function(_ascii, _ONE),
    "concat": Function(_concat, (1, None)),
    "endswith": Function(_texts(str.endswith), _TWO),
    "indexof": Function(_texts(str.find), _TWO, SECOND),
    "length": Function(_texts(len), _ONE, SECOND),
    "lower": Function(_texts(str.lower), _ONE),
    "lpad": Function(_lpad, _TWO),
    "ltrim": Function(_texts(str.lstrip), _ONE),
    "numbytes": Function(_texts(lambda text: len(_utf8(text))), _ONE, SECOND),
    "regexp_matches": Function(_pattern(lambda pattern, text: bool(pattern.search(text))), _TWO),
    "regexp_replace": Function(_pattern(_regexp_replace), _THREE),
    "regexp_substr": Function(_pattern(_regexp_substr), _TWO),
    "replace": Function(_texts(str.replace), _THREE),
    "rpad": Function(_rpad, _TWO),
    "rtrim": Function(_texts(str.rstrip), _ONE),
    "startswith": Function(_texts(str.startswith), _TWO),
    "substring": Function(_substring, (2, 3)),
    "trim": Function(_texts(str.strip), _ONE),
    "upper": Function(_texts(str.upper), _ONE),
    **{name: Function(_hash(name), _ONE) for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")},
    "decode": Function(_decode, _TWO, SECOND, literals={1: _base64_only}),
    "encode": Function(_encode, _TWO, SECOND, literals={1: _base64_only}),
    # of times
    "parse_time": Function(
        _format_time, (2, 3), SECOND, literals={0: dates.check_format, 2: dates.time_zone}
    ),
    "time_to_epoch": Function(_time_to_epoch, _TWO, SECOND, literals={1: dates.regular_expression}),
    # of any value
    "get": Function(_get, _TWO),
    "get_or_default": Function(_nanvl, _TWO, SECOND),
    "isnull": Function(lambda value: value is None, _ONE),
    "isundefined": Function(lambda value: value is UNDEFINED, _ONE, SECOND),
    "transform": Function(_transform, _THREE, SECOND),
    # of the message
    "accountid": _of_message(lambda message: message.account),
    "clientid": _of_message(lambda message: message.client_id or "n/a"),
    "newuuid": Function(lambda: str(uuid.uuid4()), (0, 0)),
    "principal": _of_message(lambda message: message.principal or UNDEFINED),
    "sourceip": _of_message(lambda message: message.source_ip or UNDEFINED),
    "sql_version": Function(lambda _message, version: version, (0, 0), contextual=True),
    "timestamp": _of_message(lambda message: message.time_ms),
    "topic": Function(_topic, (0, 1), contextual=True),
    "traceid": _of_message(lambda message: message.trace_id),
}

# Functions of AWS that this engine does not have: they call other services, or need what MQTT 5 carries.
MISSING = frozenset(
    {"aws_lambda", "get_dynamodb", "get_mqtt_property", "get_registry_data", "get_secret", "get_thing_shadow"}
    | {"get_user_properties", "machinelearning_predict", "md2"}
)


def _cast_int(value: Value) -> Value:
    return int(value) if isinstance(value, bool) else to_int(value)


def _cast_double(value: Value) -> Value:
    return _double(float)(int(value) if isinstance(value, bool) else value)


def _cast_decimal(value: Value) -> Value:
    number = to_number(int(value) if isinstance(value, bool) else value)
    return number if number is UNDEFINED else Decimal(number)


def _cast_boolean(value: Value) -> Value:
    number = UNDEFINED if isinstance(value, str) else to_number(value)
    return to_boolean(value) if number is UNDEFINED else number != 0


# What may follow AS in cast(value as type), with the first SQL version that has it.
CASTS: dict[str, tuple[Callable[[Value], Value], str]] = {
    **dict.fromkeys(("string", "nvarchar", "text", "ntext", "varchar"), (to_text, ORIGINAL)),
    **dict.fromkeys(("int", "integer"), (_cast_int, ORIGINAL)),
    "double": (_cast_double, ORIGINAL),
    "decimal": (_cast_decimal, SECOND),
    **dict.fromkeys(("bool", "boolean"), (_cast_boolean, SECOND)),
}
