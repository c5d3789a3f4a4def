# SPDX-License-Identifier: MIT
"""Rule SQL: a rule's statement, and the expressions of templates, run over messages.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from localaws.iot import compiler
from localaws.iot.compiler import Scope, Statement
from localaws.iot.errors import MessageError, SqlParseError
from localaws.iot.functions import ORIGINAL
from localaws.iot.message import Message
from localaws.iot.topics import is_filter
from localaws.iot.values import Value, from_json, to_json, whole


@dataclass(frozen=True)
class RuleSql:
    """A rule's statement, ready to run."""

    version: str
    statement: Statement

    @property
    def topic_filter(self) -> str | None:
        """What stands after FROM; None if it is left out, as it may be in a rule of Basic Ingest only."""
        return self.statement.topic_filter

    def matches(self, message: Message) -> bool:
        """Whether WHERE is true; if it is false or Undefined the rule does nothing, on AWS without a trace.

        :raises MessageError: as `select` does.
        """
        return self.statement.condition.holds(self._scope(message))

    def select(self, message: Message) -> Any:
        """The payload for the rule's actions: a JSON value, or bytes for `SELECT *` of what is not JSON.

        :raises MessageError: if the payload is not JSON and the statement names attributes, or if it is not
            an object and `*` stands next to something else. AWS drops such a message, with no more than a
            count in ParseError and a log entry.
        """
        return to_json(self.statement.selection.evaluate(self._scope(message)))

    def _scope(self, message: Message) -> Scope:
        row = _read(message.payload, self.version)
        if isinstance(row, bytes) and self.statement.names_attributes:
            raise MessageError("the payload is not JSON, and the statement names attributes")
        if self.statement.selection.is_mixed and not isinstance(row, dict):
            raise MessageError("`*` next to other items needs a payload that is a JSON object")
        return Scope(message, row)


@lru_cache(maxsize=1024)
def compile_rule(sql: str, version: str) -> RuleSql:
    """A rule's statement, checked once.

    :param version: of the SQL, as in `awsIotSqlVersion`.
    :raises SqlParseError: if it is malformed or uses what its version, or this engine, does not have.
    """
    statement = compiler.compile_statement(sql, version)
    if statement.topic_filter is not None and not is_filter(statement.topic_filter):
        raise SqlParseError(f"FROM '{statement.topic_filter}' is not a topic filter that a rule may have")
    return RuleSql(version, statement)


@lru_cache(maxsize=4096)
def compile_expression(text: str, version: str) -> Callable[[Message], Value]:
    """An expression on its own, over the original message; its attributes are Undefined if that is not JSON.

    :raises SqlParseError: as `compile_rule` does.
    """
    expression = compiler.compile_expression(text, version)
    return lambda message: expression.evaluate(Scope(message, _read(message.payload, version)))


@lru_cache(maxsize=64)
def _read(payload: bytes, version: str) -> Value:
    """The value of a payload, or the payload itself if it is not JSON. Nobody changes it: it is shared."""
    try:
        text = payload.decode()
        return from_json(text) if version == ORIGINAL else from_json(text, whole)
    except ValueError:
        return payload
