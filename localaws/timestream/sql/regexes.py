# SPDX-License-Identifier: MIT
"""The short way of a regular expression.

Where a pattern means to the engine what it does to Java, the engine's own function takes the place of the one
in `java`, many times as fast.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from localaws.timestream.sql.terms import macro, macro_call

Matches = Callable[[str], bool | None]
"""Whether a pattern matches an empty text by the engine's rules; None: it is no pattern to the engine."""


def shortened(call: exp.Expr, matches: Matches) -> exp.Expr:
    """A call of a macro; where it is one of `library.regexes` that has a quick double, of that."""
    called = macro_call(call)
    if called is None or not called.name.startswith("regexp_"):
        return call
    name, (text, pattern, *others) = called.name, called.expressions
    if not pattern.is_string or "&&" in pattern.name:
        return call
    known = matches(pattern.name)
    if known is None or (known and name.startswith(("regexp_replace", "regexp_split"))):
        return call
    if name.startswith("regexp_replace") and others:
        rewriting = _rewriting(others[0], _groups(pattern.name))
        if rewriting is None:
            return call
        others = [exp.Literal.string(rewriting)]
    return macro(f"_quick_{name}", text, pattern, *others)


def _groups(pattern: str) -> int:
    """How many groups a pattern has; 0 if it is unknown."""
    try:
        return re.compile(pattern).groups
    except re.error:
        return 0


def _rewriting(replacement: exp.Expr, groups: int) -> str | None:
    """A replacement in the engine's notation, `\\1` for `$1`; None if it has none for it."""
    if not replacement.is_string:
        return None
    parts = re.findall(r"\\(.)|\$(\d)(?!\d)|([^\\$])|(.)", replacement.name, re.DOTALL)
    if any(odd or int(group or 0) > groups for _, group, _, odd in parts):
        return None
    return "".join(
        f"\\{group}" if group else (escaped or plain).replace("\\", r"\\")
        for escaped, group, plain, _ in parts
    )
