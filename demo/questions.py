# SPDX-License-Identifier: MIT
"""The questions people ask of their readings: one SQL file each, its first line the question in plain words.

A file names what it reads by `${database}` and `${table}`, and looks back as far as `${window}`, a duration
such as `24h`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from string import Template

FOLDER = Path(__file__).resolve().parent.parent / "files" / "queries"
ROLLUP_FOLDER = FOLDER / "rollup"
COMMENT = "-- "


@dataclass(frozen=True)
class Question:
    """A question, the file it is in, and its SQL with names to fill in."""

    text: str
    path: Path
    template: str

    def sql(self, database: str, table: str, window: str) -> str:
        """The SQL, ready to run."""
        return Template(self.template).substitute(database=database, table=table, window=window)


def questions(folder: Path = FOLDER) -> list[Question]:
    """All questions, in the order of their files' names."""
    return [_question(path) for path in sorted(folder.glob("*.sql"))]


def window(first: datetime, now: datetime) -> str:
    """A duration, in whole hours, that looks back from now beyond the first reading."""
    return f"{math.floor((now - first) / timedelta(hours=1)) + 1}h"


def _question(path: Path) -> Question:
    first, _, sql = path.read_text().partition("\n")
    if not first.startswith(COMMENT):
        raise ValueError(f"{path} does not start with its question, as a comment")
    return Question(first.removeprefix(COMMENT), path, sql.strip())
