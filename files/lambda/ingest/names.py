# SPDX-License-Identifier: MIT
"""What Timestream allows as the name of a dimension or a measure.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/ts-limits.html (naming constraints,
system identifiers) and https://docs.aws.amazon.com/iot/latest/apireference/API_TimestreamDimension.html
"""

from __future__ import annotations

RESERVED_NAME = "time"
RESERVED_PREFIXES = ("measure_name", "measure_value", "ts_")


def name_fault(name: str, max_bytes: int) -> str | None:
    """What is wrong with a name, worded to follow it in a sentence; None if nothing is."""
    if not name.strip():
        return "is empty; allowed: a name"
    if not is_unicode(name):
        return "has half of a surrogate pair; allowed: Unicode text"
    if (size := len(name.encode())) > max_bytes:
        return f"has {size} bytes; allowed: at most {max_bytes}"
    if ":" in name:
        return "has a colon; allowed: any other character"
    if name == RESERVED_NAME or name.startswith(RESERVED_PREFIXES):
        return f"is reserved; allowed: not {RESERVED_NAME}, nor a start of {', '.join(RESERVED_PREFIXES)}"
    return None


def is_unicode(text: str) -> bool:
    """Whether the text can be encoded: JSON's escapes (\\ud800) may leave half a character behind."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
