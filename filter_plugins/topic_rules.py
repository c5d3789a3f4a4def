# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for topic rules: a rule's SQL, its dimensions, and what is surely wrong with a list of rules.

A rule is a mapping as the role iot_rule takes it: see roles/iot_rule/meta/argument_specs.yml.

    {{ rule | topic_rule_sql(measures, dimensions) }}

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Rule = Mapping[str, Any]
Dimensions = Sequence[str] | Mapping[str, str]

# The version that keeps 25.0 a decimal; 2016-03-23 makes it the integer 25
SQL_VERSION = "2015-10-08"
NAME = re.compile(r"[a-zA-Z0-9_]{1,128}")
ATTRIBUTE = re.compile(r"\$\{([A-Za-z_]\w*)\}")

# What the Timestream action stores faithfully: no time or an epoch in seconds or milliseconds, all dimensions
# texts, at least one measure, and no measure that is not a number. SQL of 2015-10-08 has neither isUndefined
# nor isString; these say the same and are true or false for every message, so that exactly one of two
# opposite rules takes it
ABSENT = "nanvl({0} <> {0}, true)"
NUMBER = "nanvl({0} * 1.0, 'none') <> 'none'"
TEXT = "nanvl({0} = substring({0}, 0), false)"
FILLED_TEXT = f"{TEXT} AND nanvl({{0}} <> '', false)"
ABSENT_OR_NUMBER = f"({ABSENT} OR {NUMBER})"
TIME = (
    ABSENT_OR_NUMBER.format("timestamp"),
    f"NOT {TEXT}".format("timestamp"),
    "nanvl(timestamp >= 0, true)",
    "nanvl(timestamp < 100000000000000, true)",
)

# SQL that AWS takes, or may take, and the parser doesn't: SET and its variables, templates in SELECT, another
# way to write <>, an escaped quote. https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-set.html
NOT_JUDGED = re.compile(r"^\s*SET\b|@|!=|\$\{|\\['\"]", re.IGNORECASE)
# The parser's names for what may come next, in the words of a user
WORDS = {
    "COMMA": "a comma",
    "COMPARISON": "a comparison",
    "DOT": "a dot",
    "LPAR": "(",
    "NAME": "a name",
    "PRODUCT": "* / %",
    "RPAR": ")",
    "SUM": "+ -",
    "TOPIC": "a topic in single quotes",
}

ROOT = str(Path(__file__).resolve().parents[1])

TOPIC_IN_OTHER_QUOTES = re.compile(r"""(\bFROM\s+)"([^"']*)\"""", re.IGNORECASE)


def dimension_values(dimensions: Dimensions) -> dict[str, str]:
    """The dimensions of a Timestream action: name -> template. A name alone stands for that attribute."""
    if isinstance(dimensions, Mapping):
        return dict(dimensions)
    return {name: f"${{{name}}}" for name in dimensions}


def storable(measures: Sequence[str], dimensions: Dimensions) -> str:
    """The condition that a message is stored faithfully by a Timestream action."""
    attributes = [
        match[1] for text in dimension_values(dimensions).values() if (match := ATTRIBUTE.fullmatch(text))
    ]
    return " AND ".join(
        (
            *TIME,
            *(FILLED_TEXT.format(name) for name in attributes),
            f"({' OR '.join(f'NOT {ABSENT}'.format(name) for name in measures)})",
            *(ABSENT_OR_NUMBER.format(name) for name in measures),
        )
    )


def sql(rule: Rule, measures: Sequence[str], dimensions: Dimensions) -> str:
    """A rule's SQL: its own, or made of its mode, its topic and what it takes.

    :param measures: of a message, for rules that name none.
    :param dimensions: of a message, for rules that name none.
    """
    if "sql" in rule:
        return str(rule["sql"]).strip()
    measures, dimensions = rule.get("measures", measures), rule.get("dimensions", dimensions)
    # Times 1.0 keeps whole numbers decimal, so that 25 and 25.5 are one measure of one type
    columns = ", ".join(f"{name} * 1.0 AS {name}" for name in measures)
    condition = {
        "all": "",
        "storable": f" WHERE {storable(measures, dimensions)}",
        "rest": f" WHERE NOT ({storable(measures, dimensions)})",
    }[rule.get("takes", "all")]
    source = f" FROM '{rule['topic']}'" if rule.get("topic") else ""
    return f"SELECT {columns if rule['mode'] == 'direct' else '*'}{source}{condition}"


def present(rules: Sequence[Rule]) -> list[Rule]:
    """The rules that there are to be."""
    return [rule for rule in rules if rule.get("state", "present") == "present"]


def reads_attributes(rule: Rule) -> bool:
    """Whether the rule, if there is to be one, loses messages that are not JSON: its SQL names attributes.

    `SELECT *` hands it on. Of two rules that share a topic's messages, the one for the rest counts.
    """
    if not present([rule]) or rule.get("takes") == "storable":
        return False
    return "sql" in rule or rule["mode"] == "direct" or rule.get("takes") == "rest"


def reading_attributes(rules: Sequence[Rule]) -> list[Rule]:
    """The rules that `reads_attributes` is true of."""
    return [rule for rule in rules if reads_attributes(rule)]


def faults(rules: Sequence[Rule], measures: Sequence[str], dimensions: Dimensions) -> list[str]:
    """What is surely wrong with a list of rules, a sentence each: rule, place and reason.

    What the parser of the embedded AWS does not know, but AWS may, is no fault.
    """
    there = present(rules)
    return [*_repeated(there, "name"), *_repeated(there, "key"), *_lost(there)] + [
        f"rule {rule['name']}: {fault}" for rule in there for fault in _faults(rule, measures, dimensions)
    ]


def _repeated(rules: Sequence[Rule], field: str) -> Iterator[str]:
    for value, times in Counter(rule[field] for rule in rules).items():
        if times > 1:
            yield f"{field} {value}: {times} rules have it; allowed: each its own"


def _lost(rules: Sequence[Rule]) -> Iterator[str]:
    """Rules that leave messages to a rule that is not there."""
    shared = {rule.get("topic") for rule in rules if rule.get("takes") == "rest"}
    for rule in rules:
        topic = rule.get("topic")
        if rule.get("takes", "all") != "all" and not topic:
            yield f"rule {rule['name']}: takes={rule['takes']} needs a topic, which another rule takes too"
        elif rule.get("takes") == "storable" and topic not in shared:
            yield f"rule {rule['name']}: takes=storable, but no rule takes the rest of {topic}"


def _faults(rule: Rule, measures: Sequence[str], dimensions: Dimensions) -> Iterator[str]:
    if not NAME.fullmatch(str(rule["name"])):
        yield "its name can't be used; allowed: 1 to 128 of a-z, A-Z, 0-9 and _"
    version = str(rule.get("sql_version", SQL_VERSION))
    if fault := sql_fault(sql(rule, measures, dimensions), version):
        yield f"its SQL {fault}"
    if rule["mode"] == "direct":
        templates = dimension_values(rule.get("dimensions", dimensions)) | rule.get("timestamp", {})
        for name, template in templates.items():
            if fault := template_fault(str(template), version):
                yield f"its value of {name} {fault}"


def sql_fault(text: str, version: str) -> str | None:
    """What is surely wrong with a rule's SQL, and where; None if that is nothing, or can't be told."""
    if NOT_JUDGED.search(text):
        return None
    return _fault("compile_rule", TOPIC_IN_OTHER_QUOTES.sub(r"\1'\2'", text), version)


def template_fault(text: str, version: str) -> str | None:
    """What is surely wrong with an action's parameter, and where; None as `sql_fault`."""
    return None if NOT_JUDGED.search(text.replace("${", "")) else _fault("compile_parameters", text, version)


def _fault(kind: str, text: str, version: str) -> str | None:
    """What the rules engine of the embedded AWS says against it."""
    if ROOT not in sys.path:  # ansible-playbook does not look there by itself
        sys.path.append(ROOT)
    from localaws.iot import errors, sql, template

    compilers: dict[str, Callable[[str, str], object]] = {
        "compile_rule": sql.compile_rule,
        "compile_parameters": template.compile_parameters,
    }
    try:
        compilers[kind](text, version)
    except errors.UnsupportedSqlError:
        return None
    except errors.SqlParseError as error:
        return _described(error)
    return None


def _described(error: Exception) -> str:
    """Where the parser stopped and what it expected; or else what it says."""
    stop: Any = error.__cause__
    expected = getattr(stop, "allowed", None) or getattr(stop, "expected", None)
    if not expected:
        return f"can't be used: {error}"
    place = f", line {stop.line}, column {stop.column}" if stop.line > 0 else ""
    words = {WORDS.get(token, token.strip("_")) for token in expected}
    wanted = "an expression" if "NUMBER" in words else ", ".join(sorted(words))
    return f"can't be used{place}: {error}; expected: {wanted}"


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {
            "dimension_values": dimension_values,
            "topic_rule_faults": faults,
            "topic_rule_reads_attributes": reads_attributes,
            "topic_rule_sql": sql,
            "topic_rules_present": present,
            "topic_rules_reading_attributes": reading_attributes,
        }
