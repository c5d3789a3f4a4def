# SPDX-License-Identifier: MIT
"""MQTT topic filters, and the topics of Basic Ingest.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/topics.html and .../iot-basic-ingest.html
"""

from __future__ import annotations

import re

_BASIC_INGEST = "$aws/rules/"
_FILTER = re.compile(r"((\+|[^+#/]*)/)*(\+|#|[^+#/]*)")


def is_filter(text: str) -> bool:
    """Whether a rule may subscribe to it: a wildcard is a whole level, `#` the last; not to Basic Ingest."""
    return bool(text) and not text.startswith(_BASIC_INGEST) and bool(_FILTER.fullmatch(text))


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a filter takes a topic: `+` is any one level, `#` at the end any levels, its parent included.

    A wildcard at the first level takes no topic that starts with `$`.
    """
    if topic.startswith("$") and topic_filter[:1] in ("+", "#"):
        return False
    wanted, levels = topic_filter.split("/"), topic.split("/")
    if wanted[-1] == "#":
        wanted.pop()
        levels = levels[: len(wanted)]
    return len(wanted) == len(levels) and all(map(_takes, wanted, levels))


def _takes(wanted: str, level: str) -> bool:
    return wanted in ("+", level)


def basic_ingest(topic: str) -> tuple[str, str] | None:
    """The rule that a topic of Basic Ingest names and the topic which it sees; None for any other topic."""
    if not topic.startswith(_BASIC_INGEST):
        return None
    rule, _, rest = topic.removeprefix(_BASIC_INGEST).partition("/")
    return rule, rest
