# SPDX-License-Identifier: MIT
"""How large calls become, and arguments written once where they would be written out too often.

A macro puts each argument wherever its meaning names it. Calls within calls then grow like a power of their
depth: ten would keep the engine busy for minutes. So an argument of a call that grows too large is bound to a
name first, as the only item of an array that is gone through.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sqlglot
from sqlglot import exp

from localaws.timestream.sql import functions
from localaws.timestream.sql.terms import engine, field, lambda_, macro, macro_call, quoted

MOST = 1000
"""How many nodes a call's arguments may become more than they are."""

_SIZE = "size"
"""The key under which a node keeps how many nodes it becomes."""

Build = Callable[[list[exp.Expr]], exp.Expr]


def size(node: exp.Expr) -> int:
    """How many nodes it becomes when its macros are written out."""
    if _SIZE not in node.meta:
        node.meta[_SIZE] = 1 + sum(map(size, node.iter_expressions()))
    return int(node.meta[_SIZE])


def call(name: str, arguments: list[exp.Expr], type_of: Callable[[exp.Expr], str]) -> exp.Expr:
    """The call of a macro.

    :param type_of: tells the type of an argument.
    """
    own, uses = _weight(name)
    sizes = list(map(size, arguments))
    if sum((count - 1) * each for count, each in zip(uses, sizes, strict=True)) > MOST:
        return bound(name, arguments, type_of, lambda parts: macro(name, *parts))
    made = macro(name, *arguments)
    made.meta[_SIZE] = own + sum(count * each for count, each in zip(uses, sizes, strict=True))
    return made


def bound(name: str, arguments: list[exp.Expr], type_of: Callable[[exp.Expr], str], build: Build) -> exp.Expr:
    """What is built of arguments, each of them written once.

    :param name: distinguishes it from others in whose arguments it stands.
    """
    if all(map(_is_plain, arguments)):
        return build(arguments)
    whole = exp.column(quoted(f"{name} arguments"))
    complex_ = [argument for argument in arguments if not _is_plain(argument)]
    places = {id(argument): place for place, argument in enumerate(complex_, 1)}
    parts = [
        field(whole, places[id(argument)], type_of(argument)) if id(argument) in places else argument
        for argument in arguments
    ]
    row = engine("row", *(argument.copy() for argument in complex_))
    made = engine("list_transform", engine("list_value", row), lambda_([whole.name], build(parts)))
    return engine("list_extract", made, exp.Literal.number(1))


def _is_plain(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal | exp.Column | exp.Null | exp.Boolean)


@cache
def _weight(name: str) -> tuple[int, tuple[int, ...]]:
    """How many nodes a macro's meaning is without its arguments, and how often it has each of these."""
    overload = functions.BY_NAME[name]
    uses = dict.fromkeys(overload.parameters, 0)
    own = _weigh(sqlglot.parse_one(f"SELECT {overload.meaning}", dialect="duckdb").expressions[0], 1, uses)
    return own, tuple(uses.values())


def _weigh(node: exp.Expr, factor: int, uses: dict[str, int]) -> int:
    if isinstance(node, exp.Column) and node.name in uses:
        uses[node.name] += factor
        return 0
    called = macro_call(node)
    if called is None:
        return factor + sum(_weigh(part, factor, uses) for part in node.iter_expressions())
    own, counts = _weight(called.name)
    within = zip(called.expressions, counts, strict=False)
    return factor * own + sum(_weigh(part, factor * count, uses) for part, count in within)
