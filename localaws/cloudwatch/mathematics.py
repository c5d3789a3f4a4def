# SPDX-License-Identifier: MIT
"""From the text of metric math, by the grammar in mathematics.lark, to a closure.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TypeAlias

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, VisitError

from localaws.cloudwatch.functions import FUNCTIONS, KEYWORDS, UNSUPPORTED, Scope, call
from localaws.cloudwatch.series import MathError, Series, Value, combine

_INSIGHTS = re.compile(r"\s*SELECT\s", re.IGNORECASE)

Evaluate: TypeAlias = Callable[[Scope], Value]


@lru_cache(maxsize=1024)
def compile_expression(text: str) -> Evaluate:
    """An expression, ready to be evaluated.

    :raises MathError: it is malformed, or uses what this CloudWatch does not have. Evaluating it raises that
        too, if values are not of the kinds that functions and operators take.
    """
    if _INSIGHTS.match(text):
        raise MathError("Metrics Insights queries (SELECT) are not supported by the embedded CloudWatch")
    try:
        compiled: Evaluate = _Compiler().transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise MathError(f"Syntax error at character {error.pos_in_stream or len(text)}") from error
    except VisitError as error:
        raise error.orig_exc from error
    return compiled


@cache
def _parser() -> Lark:
    return Lark.open("mathematics.lark", rel_to=__file__, parser="lalr")  # takes a while: only when needed


@v_args(inline=True)
class _Compiler(Transformer[Token, Evaluate]):
    def binary(self, left: Evaluate, sign: Token, right: Evaluate) -> Evaluate:
        return lambda scope: combine(str(sign), left(scope), right(scope))

    def minus(self, operand: Evaluate) -> Evaluate:
        return lambda scope: combine("-", 0.0, operand(scope))

    def number(self, token: Token) -> Evaluate:
        value = float(token)
        return lambda _: value

    def string(self, token: Token) -> Evaluate:
        return lambda _: str(token[1:-1])

    def named(self, id_: Token) -> Evaluate:
        return lambda scope: scope.named(str(id_))

    def keyword(self, name: Token) -> Evaluate:
        if name not in KEYWORDS:
            raise MathError(f"{name} is not known: Ids begin with a lower-case letter")
        return lambda _: str(name)

    def call(self, name: Token, *arguments: Evaluate | None) -> Evaluate:
        if name in UNSUPPORTED:
            raise MathError(f"The function {name} is not supported by the embedded CloudWatch")
        if name not in FUNCTIONS:
            raise MathError(f"Unknown function {name}")
        given = [argument for argument in arguments if argument]
        return lambda scope: call(str(name), scope, [argument(scope) for argument in given])

    def array(self, *items: Evaluate | None) -> Evaluate:
        given = [item for item in items if item]
        return lambda scope: [one for item in given for one in _several(item(scope))]


def _several(value: Value) -> list[Series]:
    """What a value adds to an array: `[m1, METRICS("e")]` is one array."""
    match value:
        case Series():
            return [value]
        case list():
            return value
    raise MathError("An array holds time series")
