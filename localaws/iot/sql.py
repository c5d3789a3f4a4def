# SPDX-License-Identifier: MIT
"""Rule SQL, compiled: a statement or an expression is parsed and checked once, into a tree of closures.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, VisitError

from localaws.iot.errors import MessageError, SqlParseError
from localaws.iot.functions import CASTS, FUNCTIONS, MISSING, ORIGINAL, SECOND, VERSIONS, Function
from localaws.iot.message import Message
from localaws.iot.operators import OPERATORS, equal, negate
from localaws.iot.values import UNDEFINED, Value, decimal, from_json, to_boolean, to_json, whole

_PARSER = Lark.open("grammar.lark", rel_to=__file__, start=["statement", "expression"])


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


@dataclass(frozen=True)
class Item:
    """An item of SELECT and where it goes in the payload: `AS a.b` nests, `*` without AS has no path."""

    evaluate: Evaluate
    path: tuple[str, ...]

    @property
    def is_everything(self) -> bool:
        """Whether it is a bare `*`."""
        return not self.path


@dataclass(frozen=True)
class Selection:
    """What stands between SELECT and FROM; `mixed` if it puts `*` next to something else."""

    evaluate: Evaluate
    mixed: bool


@dataclass(frozen=True)
class RuleSql:
    """A rule's statement.

    :ivar topic_filter: what stands after FROM; None for a rule of Basic Ingest only, which may leave it out.
    """

    topic_filter: str | None
    version: str
    _selection: Selection
    _condition: Expression | None
    _names_attributes: bool

    def matches(self, message: Message) -> bool:
        """Whether WHERE is true; if it is false or Undefined the rule does nothing, on AWS without a trace.

        :raises MessageError: as `select` does.
        """
        return _holds(self._condition, self._scope(message))

    def select(self, message: Message) -> Any:
        """The payload for the rule's actions: a JSON value, or bytes for `SELECT *` of what is not JSON.

        :raises MessageError: if the payload is not JSON and the statement names attributes, or if it is not
            an object and `*` stands next to something else. AWS drops such a message, with no more than a
            count in ParseError and a log entry.
        """
        return to_json(self._selection.evaluate(self._scope(message)))

    def _scope(self, message: Message) -> Scope:
        row = _read(message, self.version)
        if isinstance(row, bytes) and self._names_attributes:
            raise MessageError("the payload is not JSON, and the statement names attributes")
        if self._selection.mixed and not isinstance(row, dict):
            raise MessageError("`*` next to other items needs a payload that is a JSON object")
        return Scope(message, row)


@lru_cache(maxsize=1024)
def compile_rule(sql: str, version: str) -> RuleSql:
    """A rule's statement, ready to run.

    :param version: of the SQL, as in `awsIotSqlVersion`.
    :raises SqlParseError: if it is malformed or uses what its version, or this engine, does not have.
    """
    return _compile(sql, version, "statement")  # type: ignore[no-any-return]


@lru_cache(maxsize=4096)
def compile_expression(text: str, version: str) -> Callable[[Message], Value]:
    """An expression on its own, over the original message; its attributes are Undefined if that is not JSON.

    :raises SqlParseError: as `compile_rule` does.
    """
    evaluate: Evaluate = _compile(text, version, "expression").evaluate
    return lambda message: evaluate(Scope(message, _read(message, version)))


def _compile(text: str, version: str, start: str) -> Any:
    if version not in VERSIONS:
        raise SqlParseError(f"Unknown SQL version '{version}': expected one of {', '.join(VERSIONS)}")
    try:
        return _Compiler(version).transform(_PARSER.parse(text, start=start))
    except UnexpectedInput as error:
        raise SqlParseError(f"Syntax error in SQL {_place(text, error)}: {text}") from error
    except VisitError as error:
        raise error.orig_exc from error


def _place(text: str, error: UnexpectedInput) -> str:
    position = error.pos_in_stream
    return "at its end" if position is None or position < 0 else f"near '{text[position : position + 20]}'"


@lru_cache(maxsize=64)
def _parse(payload: bytes, version: str) -> Value:
    try:
        text = payload.decode()
        return from_json(text) if version == ORIGINAL else from_json(text, whole)
    except ValueError:
        return payload


def _read(message: Message, version: str) -> Value:
    """The value of a message's payload, or its bytes if it is not JSON."""
    return _parse(message.payload, version)


def _member(value: Value, name: str) -> Value:
    return value.get(name, UNDEFINED) if isinstance(value, dict) else UNDEFINED


def _holds(condition: Expression | None, scope: Scope) -> bool:
    return condition is None or to_boolean(condition.evaluate(scope)) is True


def _object(items: Iterable[tuple[tuple[str, ...], Value]]) -> Value:
    """The object that SELECT's items make; one without a path gives all of its attributes."""
    result: dict[str, Value] = {}
    for path, value in items:
        if not path:
            result |= value if isinstance(value, dict) else {}
            continue
        target = result
        for name in path[:-1]:
            inner = target.get(name)
            # A copy: what is there may be part of the message.
            target[name] = target = dict(inner) if isinstance(inner, dict) else {}
        target[path[-1]] = value
    return result


def _text(token: str) -> str:
    quote = token[0]
    return token[1:-1].replace(quote * 2, quote)


@v_args(inline=True)
class _Compiler(Transformer[Token, Any]):
    """Turns the grammar's rules into expressions, from the leaves up; checks what only a SQL version has."""

    def __init__(self, version: str) -> None:
        super().__init__()
        self.version = version
        self.names_attributes = False

    def statement(self, selection: Selection, topic: Token | None, condition: Expression | None) -> RuleSql:
        topic_filter = topic and str(topic[1:-1])
        return RuleSql(topic_filter, self.version, selection, condition, self.names_attributes)

    def query(self, selection: Selection, source: Expression, condition: Expression | None) -> Expression:
        self._need(SECOND, "a nested SELECT")

        def rows(scope: Scope, values: list[Value]) -> list[Value]:
            scopes = [Scope(scope.message, value) for value in values]
            return [selection.evaluate(inner) for inner in scopes if _holds(condition, inner)]

        def evaluate(scope: Scope) -> Value:
            value = source.evaluate(scope)
            if isinstance(value, list):
                return rows(scope, value)
            return next(iter(rows(scope, [value])), UNDEFINED) if isinstance(value, dict) else UNDEFINED

        return Expression(evaluate)

    def only(self, item: Expression) -> Selection:
        def evaluate(scope: Scope) -> Value:
            value = item.evaluate(scope)
            if isinstance(value, list) and self.version == ORIGINAL:
                raise MessageError(f"SELECT VALUE of an array needs SQL version {SECOND}")
            return value

        return Selection(evaluate, mixed=False)

    def items(self, *items: Item) -> Selection:
        if len(items) == 1 and items[0].is_everything:
            return Selection(items[0].evaluate, mixed=False)
        return Selection(
            lambda scope: _object((item.path, item.evaluate(scope)) for item in items),
            mixed=any(item.is_everything for item in items),
        )

    def item(self, expression: Expression, alias: tuple[str, ...] | None) -> Item:
        if alias is None and expression.key is None:
            raise SqlParseError("An item of SELECT that is neither an attribute nor a function call needs AS")
        return Item(expression.evaluate, alias or ((expression.key,) if expression.key else ()))

    def everything(self) -> Expression:
        return Expression(lambda scope: scope.row, key="")

    def alias(self, *names: Token) -> tuple[str, ...]:
        return tuple(map(str, names))

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
            for candidate, result in choices:
                if equal(value, candidate.evaluate(scope)) is True:
                    return result.evaluate(scope)  # type: ignore[no-any-return]
            return otherwise.evaluate(scope) if otherwise else UNDEFINED

        return Expression(evaluate)

    def when(self, candidate: Expression, result: Expression) -> tuple[Expression, Expression]:
        return candidate, result

    def call(self, name: Token, *arguments: Expression | None) -> Expression:
        given = [argument for argument in arguments if argument]
        function = self._function(name)
        self._check_arguments(name, function, given)
        if not function.takes(len(given)):
            return Expression(lambda _: UNDEFINED, key=str(name))
        context = (lambda scope: (scope.message, self.version)) if function.contextual else (lambda _: ())

        def evaluate(scope: Scope) -> Value:
            return function.apply(*context(scope), *(argument.evaluate(scope) for argument in given))

        return self._settled(evaluate, key=str(name))

    def cast(self, operand: Expression, keyword: Token) -> Expression:
        convert, since = CASTS.get(keyword.lower(), (None, ORIGINAL))
        if convert is None:
            raise SqlParseError(f"cast() knows no type '{keyword}': expected one of {', '.join(CASTS)}")
        self._need(since, f"cast(... as {keyword})")
        return self._settled(lambda scope: convert(operand.evaluate(scope)), "cast")

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
        return _text(key), value

    def number(self, token: Token) -> Expression:
        exact = decimal(token.lower().replace("e+", "e"))
        if exact is UNDEFINED:
            raise SqlParseError(f"The number {token} is out of range")
        return self._literal(int(token) if token.isdigit() else self._settle(exact))

    def string(self, token: Token) -> Expression:
        return self._literal(_text(token))

    def constant(self, token: Token) -> Expression:
        return self._literal({"true": True, "false": False, "null": None}[token.lower()])

    def _literal(self, value: Value) -> Expression:
        return Expression(lambda _: value, literal=value)

    def _settle(self, value: Value) -> Value:
        """A result as this SQL version has it: from 2016-03-23 on, 10.0 is the Int 10, cast or not."""
        return whole(value) if isinstance(value, Decimal) and self.version != ORIGINAL else value

    def _settled(self, evaluate: Evaluate, key: str | None = None) -> Expression:
        return Expression(lambda scope: self._settle(evaluate(scope)), key)

    def _function(self, name: Token) -> Function:
        known = name.lower()
        if known in MISSING:
            raise SqlParseError(f"The function {name}() is not available in this AWS")
        if known not in FUNCTIONS:
            raise SqlParseError(f"Unknown function {name}()")
        self._need(FUNCTIONS[known].since, f"{name}()")
        return FUNCTIONS[known]

    def _check_arguments(self, name: Token, function: Function, given: list[Expression]) -> None:
        for position, argument in enumerate(given):
            if argument.key == "" and name.lower() != "encode":
                raise SqlParseError(f"{name}() does not take `*`")
            check = function.literals.get(position)
            if check and argument.literal is not UNDEFINED:
                try:
                    check(argument.literal)
                except (ValueError, TypeError) as error:
                    raise SqlParseError(f"{name}(): {error}") from error

    def _need(self, since: str, what: str) -> None:
        if self.version < since:
            raise SqlParseError(f"SQL version {self.version} does not have {what}; {since} and later do")
