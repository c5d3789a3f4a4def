# SPDX-License-Identifier: MIT
"""How Timestream's SQL is read: Trino's grammar, with what Timestream adds and without what it lacks.

Added are duration literals (`5m`, `100ms`), the columns `measure_value::double` and so on, `SHOW`,
`DESCRIBE` and `UNLOAD`. Every function call stays as it was written, an `exp.Anonymous`: what a name means is
for `library` to say, and a name that it has not means nothing.

Sources: https://docs.aws.amazon.com/timestream/latest/developerguide/supported-data-types.html (interval),
.../supported-sql-constructs.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.parsers.trino import TrinoParser
from sqlglot.tokenizer_core import Token, TokenType

NANOSECONDS = {
    **dict.fromkeys(("ns", "nanosecond"), 1),
    **dict.fromkeys(("us", "microsecond"), 10**3),
    **dict.fromkeys(("ms", "millisecond"), 10**6),
    **dict.fromkeys(("s", "second"), 10**9),
    **dict.fromkeys(("m", "minute"), 60 * 10**9),
    **dict.fromkeys(("h", "hour"), 3600 * 10**9),
    **dict.fromkeys(("d", "day"), 86400 * 10**9),
    "week": 7 * 86400 * 10**9,
}
"""The units of time of fixed length, as duration literals and date functions name them."""

Node = TypeVar("Node", bound=exp.Expr)

MONTHS = {"month": 1, "y": 12, "year": 12}
"""The units of intervals of months."""

DURATION_UNITS = (NANOSECONDS.keys() | MONTHS.keys()) - {"week"}


class Unload(exp.Expression):
    """`UNLOAD (query) TO 's3://bucket/folder' WITH (option = value, ...)`.

    :ivar this: the query.
    :ivar target: where to, as a string literal.
    :ivar expressions: the options, each an `exp.EQ` of an identifier and what was written for it.
    """

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "target": True, "expressions": False}

    def options(self) -> dict[str, str | list[str]]:
        """The options in plain terms, by their lower-case names: `ARRAY['a', 'b']` is a list."""
        return {option.this.name.lower(): _plain(option.expression) for option in self.expressions}


def _plain(value: exp.Expr) -> str | list[str]:
    return [item.name for item in value.expressions] if isinstance(value, exp.Array) else value.name


def start_of(node: exp.Expr) -> int | None:
    """Where in the text a node starts, as far as it or its parts know."""
    if "start" in node.meta:
        return node.meta["start"]  # type: ignore[no-any-return]
    starts = (start_of(part) for part in node.iter_expressions())
    return min((start for start in starts if start is not None), default=None)


def _quantified(name: str, kind: type[exp.Expr]) -> Callable[[list[exp.Expr]], exp.Expr]:
    """`x = ANY (VALUES 1, 2)` and `EXISTS (VALUES 1)` look like calls, but have a query."""

    def build(arguments: list[exp.Expr]) -> exp.Expr:
        is_query = len(arguments) == 1 and isinstance(arguments[0], exp.Values)
        return kind(this=arguments[0]) if is_query else exp.Anonymous(this=name, expressions=arguments)

    return build


class _Parser(TrinoParser):
    def expression(
        self, instance: Node, token: Token | None = None, comments: list[str] | None = None
    ) -> Node:
        """A node that knows where it starts, as `problems` tells it."""
        node = super().expression(instance, token, comments)
        start = start_of(node)
        node.meta["start"] = start if start is not None or not self._prev else self._prev.start
        return node

    NO_PAREN_IF_COMMANDS = False

    def _parse_parameter(self) -> exp.Parameter:
        sign = self._prev
        return super()._parse_parameter().update_positions(sign)

    def _parse_types(
        self,
        check_func: bool = False,
        schema: bool = False,
        allow_identifiers: bool = True,
        with_collation: bool = False,
    ) -> exp.Expr | None:
        """Within an expression a type stands only before a text, as in `DOUBLE '1'`.

        sqlglot would also try `ARRAY[...]` and `ROW(...)` as types, and read again what is within: the time
        would double with each level.
        """
        if check_func and not (self._next and self._next.token_type == TokenType.STRING):
            return None
        return super()._parse_types(check_func, schema, allow_identifiers, with_collation)

    def _number_or_duration(self, number: Token) -> exp.Expr:
        """`15` is a number, `15s` an interval, `15 s` a number with an alias."""
        literal = exp.Literal.number(number.text).update_positions(number)
        unit = self._curr
        if unit and unit.start == number.end + 1 and unit.text.lower() in DURATION_UNITS:
            self._advance()
            return exp.Interval(this=literal, unit=exp.Var(this=unit.text))
        return literal

    def _measure_value(self, column: exp.Expr, _type: exp.Expr) -> exp.Expr:
        """`measure_value::double` is one name, not a cast: Timestream has no cast operator."""
        if not isinstance(column, exp.Column) or column.name.lower() != "measure_value":
            self.raise_error("Unexpected ::")
        name = exp.to_identifier(f"measure_value::{self._prev.text.lower()}", quoted=True)
        name.meta.update(column.this.meta)
        column.set("this", name)
        return column

    def _qualified_name(self) -> exp.Expr | None:
        return self._parse_table_parts(schema=False)

    def _parse_show_statement(self) -> exp.Show:
        """SHOW DATABASES, TABLES [FROM database] or MEASURES FROM database.table, each [LIKE pattern]."""
        if not self._match_texts(("DATABASES", "TABLES", "MEASURES")):
            self.raise_error("Expected DATABASES, TABLES or MEASURES")
        subject = self._prev.text.upper()
        source = self._qualified_name() if self._match(TokenType.FROM) else None
        pattern = self._parse_string() if self._match(TokenType.LIKE) else None
        return exp.Show(name=subject, this=source, like=pattern)

    def _parse_describe_statement(self) -> exp.Describe:
        return exp.Describe(this=self._qualified_name())

    def _parse_statement(self) -> exp.Expr | None:
        return self._unload() if self._match_text_seq("UNLOAD") else super()._parse_statement()

    def _unload(self) -> Unload:
        query = self._parse_wrapped(self._parse_statement)
        if not self._match_text_seq("TO"):
            self.raise_error("Expected TO")
        target = self._parse_string()
        options = self._parse_wrapped_csv(self._option) if self._match(TokenType.WITH) else []
        return self.expression(Unload(this=query, target=target, expressions=options))

    def _option(self) -> exp.Expr:
        name = self._parse_id_var()
        if not self._match(TokenType.EQ):
            self.raise_error("Expected =")
        value = self._parse_string() or self._parse_unary()
        if not (isinstance(value, exp.Array) or (isinstance(value, exp.Literal) and value.is_string)):
            self.raise_error("Expected a string or an array")
        return self.expression(exp.EQ(this=name, expression=value))

    def _parse_in(self, this: exp.Expr | None, alias: bool = False) -> exp.In:
        """`x IN (VALUES 1, 2)` has a query."""
        node = super()._parse_in(this, alias)
        if len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Values):
            node.set("query", exp.Subquery(this=node.expressions[0]))
            node.set("expressions", None)
        return node

    FUNCTIONS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {
        "ALL": _quantified("ALL", exp.All),
        "ANY": _quantified("ANY", exp.Any),
        "EXISTS": _quantified("EXISTS", exp.Exists),
        "SOME": _quantified("SOME", exp.Any),
    }
    LAMBDAS: ClassVar = {
        TokenType.ARROW: lambda self, parameters: self.expression(
            exp.Lambda(this=self._parse_disjunction(), expressions=parameters)
        ),
    }
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {
        name: TrinoParser.FUNCTION_PARSERS[name] for name in ("CAST", "TRY_CAST", "EXTRACT", "POSITION")
    }
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {
        name: TrinoParser.NO_PAREN_FUNCTION_PARSERS[name] for name in ("CASE", "IF")
    }
    NO_PAREN_FUNCTIONS: ClassVar = {
        TokenType.CURRENT_DATE: lambda: exp.Anonymous(this="current_date"),
        TokenType.CURRENT_TIME: lambda: exp.Anonymous(this="current_time"),
        TokenType.CURRENT_TIMESTAMP: lambda: exp.Anonymous(this="current_timestamp"),
        TokenType.LOCALTIME: lambda: exp.Anonymous(this="localtime"),
        TokenType.LOCALTIMESTAMP: lambda: exp.Anonymous(this="localtimestamp"),
    }
    TYPE_LITERAL_PARSERS: ClassVar = {}
    PRIMARY_PARSERS: ClassVar = {
        **TrinoParser.PRIMARY_PARSERS,
        TokenType.NUMBER: lambda self, token: self._number_or_duration(token),
    }
    COLUMN_OPERATORS: ClassVar = {
        **TrinoParser.COLUMN_OPERATORS,
        TokenType.DCOLON: lambda self, this, to: self._measure_value(this, to),
    }
    STATEMENT_PARSERS: ClassVar = {
        TokenType.SHOW: lambda self: self._parse_show_statement(),
        TokenType.DESC: lambda self: self._parse_describe_statement(),
        TokenType.DESCRIBE: lambda self: self._parse_describe_statement(),
        TokenType.SEMICOLON: lambda self: exp.Semicolon(),
    }


class Timestream(Trino):
    """sqlglot's dialect for Timestream's SQL; it only reads."""

    INDEX_OFFSET = 0  # an array's index stays as it is written

    class Tokenizer(Trino.Tokenizer):
        """Trino's, without the words that would take the rest of a statement unread."""

        COMMANDS: ClassVar[set[TokenType]] = set()

    Parser = _Parser
