# SPDX-License-Identifier: MIT
"""Substitution templates: `${expression}` in the parameters of an action.

An expression is evaluated over the original message, never over what SELECT yields: it cannot use an alias.
What is Undefined or Null becomes the empty string. What cannot be compiled is refused when the rule is made.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-substitution-templates.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from localaws.iot.errors import SqlParseError
from localaws.iot.message import Message
from localaws.iot.sql import compile_expression
from localaws.iot.values import UNDEFINED, to_text

# The braces of an object literal, and any inside quotes, belong to the expression.
_TEXT = r"""[^{}'"]|'[^']*'|"[^"]*\""""
_TEMPLATE = re.compile(rf"\$\{{((?:{_TEXT}|\{{(?:{_TEXT})*\}})*)\}}")

# Parameters that AWS takes as they are, wherever they stand.
_VERBATIM = frozenset({"roleArn", "name"})

Substitute = Callable[[Message], Any]


def compile_parameters(parameters: Any, version: str) -> Substitute:
    """A function from a message to the parameters with every template in them filled in.

    :param parameters: an action's, in the shape that botocore has for it.
    :raises SqlParseError: for a template that is not an expression of this SQL version.
    """
    match parameters:
        case str():
            return _compile_text(parameters, version)
        case dict():
            values = {
                key: _constant(value) if key in _VERBATIM else compile_parameters(value, version)
                for key, value in parameters.items()
            }
            return lambda message: {key: value(message) for key, value in values.items()}
        case list():
            items = [compile_parameters(item, version) for item in parameters]
            return lambda message: [item(message) for item in items]
        case _:
            return _constant(parameters)


def _constant(value: Any) -> Substitute:
    return lambda _message: value


def _compile_text(text: str, version: str) -> Substitute:
    # The odd ones of the parts are what the pattern's group found.
    parts = _TEMPLATE.split(text)
    if any("${" in literal for literal in parts[::2]):
        raise SqlParseError(f"Malformed substitution template: {text}")
    substitutes = [
        compile_expression(part, version) if position % 2 else _constant(part)
        for position, part in enumerate(parts)
    ]

    def substitute(message: Message) -> str:
        texts = (to_text(part(message)) for part in substitutes)
        return "".join("" if part is UNDEFINED else part for part in texts)

    return substitute
