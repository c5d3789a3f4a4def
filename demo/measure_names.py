# SPDX-License-Identifier: MIT
"""Column titles made into measure names that Timestream, the IoT rule and the function all take."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

MAX_LENGTH = 60
"""Well below Timestream's 256 bytes; names of every measure must fit in the text of a rule."""

RESERVED = frozenset(
    # the function's own attributes, and Timestream's columns
    "device_id location timestamp received_at time sensors measurements measurement metric_name "  # noqa: SIM905
    "value records measure_value "
    # words of AWS IoT SQL: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
    "select from where as and or not in exists case when then else end is null undefined true false".split()
)
RESERVED_PREFIXES = ("ts_", "measure_name")


def measure_names(titles: Mapping[int, str]) -> dict[int, str]:
    """A name for each title, no two alike: ASCII letters, digits and underscores, a letter first."""
    names: dict[int, str] = {}
    taken: set[str] = set()
    for column, title in titles.items():
        name = unique = measure_name(title)
        number = 1
        while unique in taken:
            number += 1
            unique = f"{name}_{number}"
        taken.add(unique)
        names[column] = unique
    return names


def measure_name(title: str) -> str:
    """One title's name: `Température (°C)` becomes `Temperature_C`, and `value` `m_value`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:MAX_LENGTH]
    lower = name.lower()
    if not name or not name[0].isalpha() or lower in RESERVED or lower.startswith(RESERVED_PREFIXES):
        return f"m_{name}" if name else "m"
    return name
