# SPDX-License-Identifier: MIT
"""From the text of rule SQL, by the grammar in grammar.lark, to a tree of closures.

What only some SQL versions have, and what this engine lacks, is refused here: when the rule is made.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, VisitError

from localaws.iot.errors import MessageError, SqlParseError, UnsupportedSqlError
from localaws.iot.functions import CASTS, FUNCTIONS, MISSING, ORIGINAL, SECOND, VERSIONS, Function
from localaws.iot.message import Message
from localaws.iot.operators import OPERATORS, equal, negate
from localaws.iot.values import UNDEFINED, Value, decimal, to_boolean, whole


@cache
def _parser() -> Lark:
    """The parser of the grammar, made when a rule is first read: a tenth of a server's start."""
    return Lark.open("grammar.lark", rel_to=__file__, start=["statement", "expression"])


@dataclass(frozen=True)
class Scope:
    """What an expression is evaluated over: the message, and the value whose attributes it names."""

    message: Message
    row: Value


Evaluate: TypeAlias = Callable[[Scope], Value]


@dataclass(frozen=True)
class Expression:
    """A compiled expression.

    :ivar key: the attribute it becomes in a SELECT without AS: what it reads, or the function it calls.
    :ivar literal: its value, if it is a literal.
    """

    evaluate: Evaluate
    key: str | None = None
    literal: Value = UNDEFINED

    def holds(self, scope: Scope) -> bool:
        """Whether it is true, as a condition has to be."""
        return to_boolean(self.evaluate(scope)) is True


# `*` in SELECT, and as what encode() takes; and the WHERE of a statement without one.
EVERYTHING = Expression(lambda scope: scope.row)
PAYLOAD = Expression(lambda scope: scope.message.payload)
ALWAYS = Expression(lambda _: True)


@dataclass(frozen=True)
class Selection:
    """What stands between SELECT and FROM; `is_mixed` if it puts `*` next to something else."""

    evaluate: Evaluate
    is_mixed: bool = False


@dataclass(frozen=True)
class Statement:
    """A compiled statement."""

    selection: Selection
    topic_filter: str | None
    condition: Expression
    names_attributes: bool


# An item of SELECT and where it goes in the payload: `AS a.b` nests, and `*` without AS goes nowhere else.
Path: TypeAlias = tuple[str, ...]
Item: TypeAlias = tuple[Expression, Path]


def compile_statement(sql: str, version: str) -> Statement:
    """A rule's whole statement.

    :raises SqlParseError: if it is malformed or uses what its version, or this engine, does not have.
    """
    statement: Statement = _compile(sql, version, "statement")
    return statement


def compile_expression(text: str, version: str) -> Expression:
    """What stands in a template's `${...}`.

    :raises SqlParseError: as `compile_statement` does.
    """
    expression: Expression = _compile(text, version, "expression")
    return expression


def _compile(text: str, version: str, start: str) -> Any:
    if version not in VERSIONS:
        raise SqlParseError(f"Unknown SQL version '{version}': expected one of {', '.join(VERSIONS)}")
    try:
        return _Compiler(version).transform(_parser().parse(text, start=start))
    except UnexpectedInput as error:
        raise SqlParseError(f"Syntax error in SQL {_place(text, error)}: {text}") from error
    except VisitError as error:
        raise error.orig_exc from error
    except RecursionError as error:
        raise UnsupportedSqlError("The SQL is nested too deeply") from error


def _place(text: str, error: UnexpectedInput) -> str:
    position = error.pos_in_stream
    return "at its end" if position is None or position < 0 else f"near '{text[position : position + 20]}'"


def _object(items: Iterable[tuple[Path, Value]]) -> Value:
    """The object that SELECT's items make; what has no path gives all of its attributes."""
    result: dict[str, Value] = {}
    for path, value in items:
        if not path:
            result |= value if isinstance(value, dict) else {}
            continue
        *parents, last = path
        target = result
        for name in parents:
            inner = target.get(name)
            # A copy: what is there may be part of the message.
            target[name] = target = dict(inner) if isinstance(inner, dict) else {}
        target[last] = value
    return result


def _member(value: Value, name: str) -> Value:
    return value.get(name, UNDEFINED) if isinstance(value, dict) else UNDEFINED


def _unquote(token: str) -> str:
    quote = token[0]
    return token[1:-1].replace(quote * 2, quote)


@v_args(inline=True)
class _Compiler(Transformer[Token, Any]):
    """Turns the grammar's rules, which its methods are named after, from the leaves up."""

    def __init__(self, version: str) -> None:
        super().__init__()
        self.version = version
        self.names_attributes = False

    # Statements

    def statement(self, selection: Selection, topic: Token | None, condition: Expression | None) -> Statement:
        topic_filter = topic and str(topic[1:-1])
        return Statement(selection, topic_filter, condition or ALWAYS, self.names_attributes)

    def query(self, selection: Selection, source: Expression, condition: Expression | None) -> Expression:
        self._need(SECOND, "a nested SELECT")
        where = condition or ALWAYS

        def evaluate(scope: Scope) -> Value:
            value = source.evaluate(scope)
            if not isinstance(value, (list, dict)):
                return UNDEFINED
            inner = [Scope(scope.message, row) for row in (value if isinstance(value, list) else [value])]
            rows = [selection.evaluate(row) for row in inner if where.holds(row)]
            return rows if isinstance(value, list) else next(iter(rows), UNDEFINED)

        return Expression(evaluate)

    def only(self, item: Expression) -> Selection:
        def evaluate(scope: Scope) -> Value:
            value = item.evaluate(scope)
            if isinstance(value, list) and self.version == ORIGINAL:
                raise MessageError(f"SELECT VALUE of an array needs SQL version {SECOND}")
            return value

        return Selection(evaluate)

    def items(self, *items: Item) -> Selection:
        if items == ((EVERYTHING, ()),):
            return Selection(EVERYTHING.evaluate)
        return Selection(
            lambda scope: _object((path, expression.evaluate(scope)) for expression, path in items),
            is_mixed=any(not path for _, path in items),
        )

    def item(self, expression: Expression, alias: Path | None) -> Item:
        if alias:
            return expression, alias
        if expression is EVERYTHING:
            return expression, ()
        if expression.key is None:
            raise UnsupportedSqlError(
                "An item of SELECT that is neither an attribute nor a function call needs AS"
            )
        return expression, (expression.key,)

    def everything(self) -> Expression:
        return EVERYTHING

    def alias(self, *names: Token) -> Path:
        return tuple(map(str, names))

    # Operators

    def binary(self, left: Expression, sign: Token, right: Expression) -> Expression:
        apply = OPERATORS[sign.upper()]
        return self._settled(lambda scope: apply(left.evaluate(scope), right.evaluate(scope)))

    def invert(self, operand: Expression) -> Expression:
        return Expression(lambda scope: negate(operand.evaluate(scope)))

    def minus(self, operand: Expression) -> Expression:
        return self._settled(lambda scope: OPERATORS["-"](0, operand.evaluate(scope)))

    def case(self, subject: Expression, *branches: Any) -> Expression:
        *choices, otherwise = branches

        def evaluate(scope: Scope) -> Value:
            value = subject.evaluate(scope)
            if value is UNDEFINED:
                return UNDEFINED
            results = (result for wanted, result in choices if equal(value, wanted.evaluate(scope)) is True)
            chosen: Expression | None = next(results, otherwise)
            return chosen.evaluate(scope) if chosen else UNDEFINED

        return Expression(evaluate)

    def when(self, wanted: Expression, result: Expression) -> tuple[Expression, Expression]:
        return wanted, result

    # Functions

    def call(self, name: Token, *arguments: Expression | None) -> Expression:
        function = self._function(name)
        given = [argument for argument in arguments if argument]
        _check_arguments(name, function, given)
        if not function.takes(len(given)):
            return Expression(lambda _: UNDEFINED, key=str(name))

        def evaluate(scope: Scope) -> Value:
            context = (scope.message, self.version) if function.contextual else ()
            return function.apply(*context, *(argument.evaluate(scope) for argument in given))

        return self._settled(evaluate, key=str(name))

    def payload(self) -> Expression:
        return PAYLOAD

    def cast(self, operand: Expression, keyword: Token) -> Expression:
        if keyword.lower() not in CASTS:
            raise UnsupportedSqlError(f"cast() knows no type '{keyword}': expected one of {', '.join(CASTS)}")
        convert, since = CASTS[keyword.lower()]
        self._need(since, f"cast(... as {keyword})")
        return self._settled(lambda scope: convert(operand.evaluate(scope)), key="cast")

    def _function(self, name: str) -> Function:
        known = name.lower()
        if known in MISSING:
            raise UnsupportedSqlError(f"The function {name}() is not available in this AWS")
        if known not in FUNCTIONS:
            raise UnsupportedSqlError(f"Unknown function {name}()")
        self._need(FUNCTIONS[known].since, f"{name}()")
        return FUNCTIONS[known]

    # Attributes and literals

    def attribute(self, name: Token) -> Expression:
        self.names_attributes = True
        return Expression(lambda scope: _member(scope.row, name), key=str(name))

    def member(self, value: Expression, name: Token) -> Expression:
        return Expression(lambda scope: _member(value.evaluate(scope), name), key=str(name))

    def array(self, *items: Expression | None) -> Expression:
        self._need(SECOND, "an array literal")
        return Expression(lambda scope: [item.evaluate(scope) for item in items if item])

    def object(self, *pairs: tuple[str, Expression] | None) -> Expression:
        self._need(SECOND, "an object literal")
        return Expression(lambda scope: {pair[0]: pair[1].evaluate(scope) for pair in pairs if pair})

    def pair(self, key: Token, value: Expression) -> tuple[str, Expression]:
        return _unquote(key), value

    def number(self, token: Token) -> Expression:
        value = int(token) if token.isdigit() else decimal(token)
        if value is UNDEFINED:
            raise UnsupportedSqlError(f"The number {token} is out of range")
        return _literal(self._settle(value))

    def string(self, token: Token) -> Expression:
        return _literal(_unquote(token))

    def constant(self, token: Token) -> Expression:
        return _literal({"true": True, "false": False, "null": None}[token.lower()])

    # Versions

    def _settle(self, value: Value) -> Value:
        """A result as this SQL version has it: from 2016-03-23 on, 10.0 is the Int 10, cast or not."""
        return whole(value) if isinstance(value, Decimal) and self.version != ORIGINAL else value

    def _settled(self, evaluate: Evaluate, key: str | None = None) -> Expression:
        return Expression(lambda scope: self._settle(evaluate(scope)), key)

    def _need(self, since: str, what: str) -> None:
        if self.version < since:
            raise SqlParseError(f"SQL version {self.version} does not have {what}; {since} and later do")


def _literal(value: Value) -> Expression:
    return Expression(lambda _: value, literal=value)


def _check_arguments(name: str, function: Function, given: list[Expression]) -> None:
    if PAYLOAD in given and name.lower() != "encode":
        raise SqlParseError(f"{name}() does not take `*`")
    for position, check in function.literals.items():
        if position < len(given) and given[position].literal is not UNDEFINED:
            try:
                check(given[position].literal)
            except (ValueError, TypeError, AttributeError) as error:
                raise UnsupportedSqlError(f"{name}(): {error}") from error
