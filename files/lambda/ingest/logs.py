# SPDX-License-Identifier: MIT
"""The function's log: a JSON object a line, which CloudWatch Logs Insights takes apart by itself.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Literal

from ingest.jsontext import to_json
from ingest.settings import LOG_LEVELS

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


@dataclass(frozen=True)
class Log:
    """Writes lines of at least the given level, each with the id of the invocation."""

    level: str
    request_id: str

    def write(self, level: Level, event: str, **fields: Any) -> None:
        """Write one line: `event` names what happened, the fields say more."""
        if LOG_LEVELS.index(level) >= LOG_LEVELS.index(self.level):
            line = {"level": level, "event": event, "request_id": self.request_id, **fields}
            sys.stdout.write(to_json(line) + "\n")
