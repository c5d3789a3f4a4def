# SPDX-License-Identifier: MIT
"""Java's regular expressions, for what the engine's lack: looking around, back references, named groups.

Each function here is one of the engine's, called row by row, which costs some 4 microseconds a row.

Sources: https://docs.aws.amazon.com/timestream/latest/developerguide/regex-functions.html,
https://docs.oracle.com/javase/8/docs/api/java/util/regex/Pattern.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import regex

PATIENCE = 5.0
"""Seconds that a match may take; some patterns would take for ever."""

_ASCII = {"d": "0-9", "w": "0-9A-Za-z_", "s": " \\t\\n\\x0b\\f\\r"}
"""Java's classes, which are ASCII's."""

_SPECIAL = re.compile(
    r"\\Q(?P<quoted>.*?)(?:\\E|\Z)|\\k<(?P<name>\w+)>|\\x\{(?P<code>[0-9A-Fa-f]+)\}|\\(?P<other>.)"
)


def regexp_like(text: str, pattern: str) -> bool:
    """Whether the pattern is anywhere in the text."""
    return next(_matches(text, pattern), None) is not None


def regexp_extract_all(text: str, pattern: str, group: int) -> list[str | None]:
    """A group of every match."""
    return list(_groups(text, pattern, group))


def regexp_replace(text: str, pattern: str, replacement: str) -> str:
    """Every match replaced; `$1` and `${name}` are groups, `\\$` is a dollar sign."""
    parts, end = [], 0
    for match in _matches(text, pattern):
        parts += [text[end : match.start()], _replaced(match, replacement)]
        end = match.end()
    return "".join(parts) + text[end:]


def regexp_groups(text: str, pattern: str) -> list[list[str | None]]:
    """The groups of every match, without the group that is the match itself."""
    return [list(match.groups()) for match in _matches(text, pattern)]


def regexp_split(text: str, pattern: str) -> list[str]:
    """What is before, between and after the matches."""
    parts, end = [], 0
    for match in _matches(text, pattern):
        parts.append(text[end : match.start()])
        end = match.end()
    return [*parts, text[end:]]


FUNCTIONS: dict[Callable[..., Any], tuple[list[str], str]] = {
    regexp_like: (["VARCHAR", "VARCHAR"], "BOOLEAN"),
    regexp_extract_all: (["VARCHAR", "VARCHAR", "BIGINT"], "VARCHAR[]"),
    regexp_groups: (["VARCHAR", "VARCHAR"], "VARCHAR[][]"),
    regexp_replace: (["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR"),
    regexp_split: (["VARCHAR", "VARCHAR"], "VARCHAR[]"),
}
"""The types of their parameters and results, as DuckDB writes them."""


def _matches(text: str, pattern: str) -> Iterator[regex.Match[str]]:
    """Every match; after one of nothing Java looks on from the next character, where Python would not."""
    start = 0
    try:
        while found := _compiled(pattern).search(text, start, timeout=PATIENCE, concurrent=True):
            yield found
            start = found.end() + (found.end() == found.start())
            if start > len(text):
                break
    except TimeoutError:
        raise ValueError(f"The regular expression takes too long: {pattern}") from None


def _groups(text: str, pattern: str, group: int) -> Iterator[str | None]:
    groups = _compiled(pattern).groups
    if group < 0:
        raise ValueError("Group cannot be negative")
    if group > groups:
        raise ValueError(f"Pattern has {groups} groups. Cannot access group {group}")
    return (match[group] for match in _matches(text, pattern))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    import regex  # not before it is needed: a server that starts has no time for it

    try:
        return regex.compile(_SPECIAL.sub(_as_python, pattern), regex.VERSION1)
    except regex.error as error:
        raise ValueError(f"Invalid regular expression: {error}") from None


def _as_python(found: re.Match[str]) -> str:
    """What Java escapes otherwise."""
    if found["quoted"] is not None:
        return re.escape(found["quoted"])
    if found["name"]:
        return f"(?P={found['name']})"
    if found["code"]:
        return f"\\U{int(found['code'], 16):08x}"
    other = found["other"]
    if members := _ASCII.get(other.lower()):
        return f"[{'^' if other.isupper() else ''}{members}]"
    return r"(?=\n?\z)" if other == "Z" else found[0]


def _replaced(match: regex.Match[str], replacement: str) -> str:
    def put(found: re.Match[str]) -> str:
        if found["escaped"] is not None:
            return found["escaped"]
        if not found["group"]:
            raise ValueError("Illegal replacement sequence: $ without a group")
        try:
            group = found["group"].strip("{}")
            return match[int(group) if group.isdigit() else group] or ""
        except IndexError:
            raise ValueError(f"Illegal replacement sequence: unknown group {found[0]}") from None

    return re.sub(r"\\(?P<escaped>.)|\$(?P<group>\d+|\{\w+\})?", put, replacement)
