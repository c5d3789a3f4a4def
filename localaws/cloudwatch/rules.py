# SPDX-License-Identifier: MIT
"""The rule of a composite alarm: a condition on the states of other alarms, by the grammar in rule.lark.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput

from localaws.cloudwatch.errors import ValidationError

CHILDREN = 100

StateOf = Callable[[str], str | None]
"""The state of an alarm by its name."""


@dataclass(frozen=True)
class Term:
    """That an alarm, by name or ARN, is in a state: the leaf of a rule."""

    state: str
    alarm: str

    @property
    def name(self) -> str:
        """The alarm's name."""
        return self.alarm.split(":alarm:", 1)[-1] if self.alarm.startswith("arn:") else self.alarm


@dataclass(frozen=True)
class Rule:
    """A rule.

    :ivar terms: its terms in order; each with whether a NOT turns it round.
    :ivar holds: whether it is true, with each alarm's state.
    """

    terms: tuple[tuple[Term, bool], ...]
    holds: Callable[[StateOf], bool]

    @property
    def children(self) -> list[str]:
        """The names of its alarms, each once."""
        return list(dict.fromkeys(term.name for term, _ in self.terms))

    def agreeing(self, state_of: StateOf, holds: bool) -> list[str]:
        """The names of the alarms whose part in the rule is as the whole is."""
        found = [
            term.name
            for term, inverted in self.terms
            if ((state_of(term.name) == term.state) != inverted) == holds
        ]
        return list(dict.fromkeys(found))


@lru_cache(maxsize=1024)
def compile_rule(text: str) -> Rule:
    """A rule, ready to be evaluated.

    :raises ValidationError: it is malformed.
    """
    try:
        rule: Rule = _Compiler().transform(_parser().parse(text))
    except UnexpectedInput as error:
        place = error.pos_in_stream or 0
        token = text[place] if isinstance(error, UnexpectedCharacters) else str(getattr(error, "token", ""))
        if not token:
            place, token = len(text), "<EOF>"
        raise ValidationError(f"Error in AlarmRule [Unsupported token '{token}' at char {place}]") from error
    if len(rule.children) > CHILDREN:
        raise ValidationError(f"An AlarmRule can have at most {CHILDREN} child alarms")
    return rule


@cache
def _parser() -> Lark:
    return Lark.open("rule.lark", rel_to=__file__, parser="lalr")


@v_args(inline=True)
class _Compiler(Transformer[Token, Rule]):
    def term(self, state: Token, name: Token) -> Rule:
        plain = re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else str(name)
        term = Term(str(state), plain)
        return Rule(((term, False),), lambda state_of: state_of(term.name) == term.state)

    def invert(self, rule: Rule) -> Rule:
        terms = tuple((term, not inverted) for term, inverted in rule.terms)
        return Rule(terms, lambda state_of: not rule.holds(state_of))

    def any(self, *rules: Rule) -> Rule:
        return Rule(_terms(rules), lambda state_of: any(rule.holds(state_of) for rule in rules))

    def all(self, *rules: Rule) -> Rule:
        return Rule(_terms(rules), lambda state_of: all(rule.holds(state_of) for rule in rules))

    def true(self) -> Rule:
        return Rule((), lambda _: True)

    def false(self) -> Rule:
        return Rule((), lambda _: False)


def _terms(rules: tuple[Rule, ...]) -> tuple[tuple[Term, bool], ...]:
    return tuple(term for rule in rules for term in rule.terms)
