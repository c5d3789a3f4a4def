# SPDX-License-Identifier: MIT
"""Holds a value against a shape of a service's model: members, lengths, ranges, enumerations, patterns.

The shapes are botocore's; the errors are worded as AWS words them. A shape is compiled once into closures: a
test, which takes half a millisecond for a full WriteRecords request, and a check that finds the faults of a
value that does not pass it.

Source: https://smithy.io/2.0/spec/constraint-traits.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from localaws.errors import SerializationException

# Lengths that the API reference states and the client's model leaves out.
STATED = {"ResourceCreateAPIName": {"min": 3, "max": 256}}

INTEGER_BITS = {"integer": 32, "long": 64}


class Fault(NamedTuple):
    """A constraint that a value fails: where, what the value is, which constraint."""

    path: str
    value: str
    constraint: str

    def __str__(self) -> str:
        return (
            f"Value {self.value} at '{self.path}' failed to satisfy constraint: Member must {self.constraint}"
        )


Check = Callable[[Any], Iterable[Fault]]
Test = Callable[[Any], bool]


def sentence(faults: Sequence[Fault]) -> str:
    """What AWS says of the faults of a request."""
    count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''} detected: "
    return count + "; ".join(map(str, faults))


def check_for(shape: Shape | None) -> Check:
    """The check of a shape: takes a value, and returns its faults."""
    good, faults = _test(shape), _check(shape)
    return lambda value: () if good(value) else faults(value)


def _test(shape: Shape | None) -> Test:
    """Tells of most values that they have no fault."""
    match shape:
        case StructureShape():
            return _structure_test(shape)
        case ListShape():
            item, (low, high) = _test(shape.member), _bounds(shape)
            return lambda value: type(value) is list and low <= len(value) <= high and all(map(item, value))
        case StringShape() if shape.enum:
            options = frozenset(shape.enum)
            return lambda value: type(value) is str and value in options
        case StringShape() if "pattern" not in shape.metadata:
            low, high = _bounds(shape)
            return lambda value: type(value) is str and value.isascii() and low <= len(value) <= high
    faults = _check(shape)
    return lambda value: not faults(value)


def _structure_test(shape: StructureShape) -> Test:
    tests = {name: _test(member) for name, member in shape.members.items()}
    required = frozenset(shape.required_members)

    def test(value: Any) -> bool:
        if type(value) is not dict or not required <= value.keys():
            return False
        for name, item in value.items():
            if item is None:
                if name in required:
                    return False
            elif name in tests and not tests[name](item):
                return False
        return True

    return test


def _check(shape: Shape | None) -> Check:
    match shape:
        case StructureShape():
            return _structure(shape)
        case ListShape():
            return _list(shape)
        case StringShape():
            return _string(shape)
        case MapShape():
            return _map(shape)
        case None:
            return lambda _request: ()  # the operation takes none
    if shape.type_name in INTEGER_BITS:
        return _integer(shape)
    return _plain(shape)


def _structure(shape: StructureShape) -> Check:
    checks = {name: (_camel(name), _check(member)) for name, member in shape.members.items()}
    required = tuple(shape.required_members)

    def check(value: Any) -> Iterable[Fault]:
        if type(value) is not dict:
            raise SerializationException(f"{_kind(value)} found where an object was expected.")
        faults = []
        for name in required:
            if value.get(name) is None:
                faults.append(Fault(_camel(name), "null", "not be null"))
        for name, item in value.items():
            if item is not None and name in checks:
                path, inner = checks[name]
                for fault in inner(item):
                    faults.append(fault._replace(path=f"{path}.{fault.path}".rstrip(".")))
        return faults

    return check


def _list(shape: ListShape) -> Check:
    inner = _check(shape.member)
    low, high = _bounds(shape)

    def check(value: Any) -> Iterable[Fault]:
        if type(value) is not list:
            raise SerializationException(f"{_kind(value)} found where a list was expected.")
        faults = _range("[...]", len(value), low, high, "length")
        for number, item in enumerate(value, 1):
            for fault in inner(item):
                faults.append(fault._replace(path=f"{number}.member.{fault.path}".rstrip(".")))
        return faults

    return check


def _map(shape: MapShape) -> Check:
    inner = _check(shape.value)

    def check(value: Any) -> Iterable[Fault]:
        if type(value) is not dict:
            raise SerializationException(f"{_kind(value)} found where a map was expected.")
        return [
            fault._replace(path=f"{key}.member.{fault.path}".rstrip("."))
            for key, item in value.items()
            for fault in inner(item)
        ]

    return check


def _string(shape: StringShape) -> Check:
    low, high = _bounds(shape)
    pattern = re.compile(shape.metadata["pattern"]) if "pattern" in shape.metadata else None
    options = shape.enum

    def explain(value: str) -> Iterable[Fault]:
        yield from _range(f"'{value}'", len(value), low, high, "length")
        if pattern and not pattern.fullmatch(value):
            yield Fault("", f"'{value}'", f"satisfy regular expression pattern: {pattern.pattern}")
        if options and value not in options:
            yield Fault("", f"'{value}'", f"satisfy enum value set: [{', '.join(options)}]")

    def check(value: Any) -> Iterable[Fault]:
        if type(value) is not str or not _encodable(value):
            raise SerializationException(f"{_kind(value)} can not be converted to a String")
        good = (
            low <= len(value) <= high
            and (not pattern or pattern.fullmatch(value))
            and (not options or value in options)
        )
        return () if good else explain(value)

    return check


def _integer(shape: Shape) -> Check:
    low, high = _bounds(shape)
    limit = 2 ** (INTEGER_BITS[shape.type_name] - 1)
    name = shape.type_name.capitalize()

    def check(value: Any) -> Iterable[Fault]:
        if type(value) is not int or not -limit <= value < limit:
            raise SerializationException(f"{_kind(value)} can not be converted to {name}")
        return _range(f"'{value}'", value, low, high, "value")

    return check


def _plain(shape: Shape) -> Check:
    kinds = {"boolean": (bool,), "double": (int, float), "timestamp": (int, float)}[shape.type_name]
    name = shape.type_name.capitalize()

    def check(value: Any) -> Iterable[Fault]:
        if type(value) not in kinds:
            raise SerializationException(f"{_kind(value)} can not be converted to {name}")
        return ()

    return check


def _bounds(shape: Shape) -> tuple[float, float]:
    limits = {**shape.metadata, **STATED.get(shape.name, {})}
    return limits.get("min", float("-inf")), limits.get("max", float("inf"))


def _range(shown: str, size: int, low: float, high: float, what: str) -> list[Fault]:
    if low <= size <= high:
        return []
    bound = f"greater than or equal to {low}" if size < low else f"less than or equal to {high}"
    return [Fault("", shown, f"have {what} {bound}")]


def _encodable(text: str) -> bool:
    """Whether it is Unicode: JSON can escape half of a surrogate pair, which is none."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _kind(value: Any) -> str:
    match value:
        case dict():
            return "Start of structure or map"
        case list():
            return "Start of list"
        case bool():
            return "TRUE_VALUE" if value else "FALSE_VALUE"
        case str():
            return "STRING_VALUE"
        case None:
            return "NULL_VALUE"
    return "NUMBER_VALUE"
