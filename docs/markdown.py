# SPDX-License-Identifier: MIT
"""Markdown as the generated pages use it."""

from __future__ import annotations

from collections.abc import Iterable


def code(text: str) -> str:
    """Code within a table's cell, also if it has a grave accent or is blank at an end."""
    fence = "``" if "`" in text else "`"
    pad = " " if text[:1] in "` " or text[-1:] in "` " else ""
    return f"{fence}{pad}{' '.join(text.splitlines())}{pad}{fence}" if text else ""


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """The lines of a table."""
    cells = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells]
