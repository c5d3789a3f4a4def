# SPDX-License-Identifier: MIT
"""How much of the machine's memory the process holds.

The engine keeps to a limit of its own (see `sql.engine`), but doesn't count what functions make of texts and
lists; who runs statements looks here to stop those that need too much.
"""

from __future__ import annotations

import os
from pathlib import Path

MOST = 0.75
"""Of the machine's memory, what the process may hold."""

_STATM = Path("/proc/self/statm")


def is_short() -> bool:
    """Whether the process holds more memory than it may. Where the system doesn't tell, it doesn't."""
    try:
        resident = int(_STATM.read_text().split()[1])
    except OSError:
        return False
    return resident > MOST * os.sysconf("SC_PHYS_PAGES")
