# SPDX-License-Identifier: MIT
"""A figure, what it is held against, and the page that shows all of them."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

HEADINGS = ("what", "figure", "against", "ratio", "aim")


@dataclass(frozen=True)
class Figure:
    """One measurement.

    :ivar value: in `unit`, smaller is better.
    :ivar against: what it is compared with in the same run, and that one's value; None: nothing.
    :ivar aim: the most that `ratio` may be, or, without `against`, the value.
    """

    what: str
    value: float
    unit: str
    aim: float
    against: tuple[str, float] | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the other's value it is."""
        return self.value / self.against[1] if self.against else None

    @property
    def reached(self) -> bool:
        """Whether the aim is."""
        return (self.ratio if self.against else self.value) <= self.aim  # type: ignore[operator]

    def cells(self) -> tuple[str, ...]:
        """The figure as a table shows it, by `HEADINGS`."""
        against = f"{self.against[0]}: {self.against[1]:,.3g} {self.unit}" if self.against else ""
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        aim = f"≤ {self.aim:g} {'times' if self.against else self.unit}"
        return (
            self.what,
            f"{self.value:,.3g} {self.unit}",
            against,
            ratio,
            aim + ("" if self.reached else " ✗"),
        )


def typical(runs: int, *measured: Callable[[], float]) -> list[float]:
    """The median of each of several measurements, which are taken in turn so that noise strikes all alike."""
    return [
        median(values) for values in zip(*([each() for each in measured] for _ in range(runs)), strict=True)
    ]


def seconds(do: Callable[[], object]) -> float:
    """How long something takes."""
    begin = time.perf_counter()
    do()
    return time.perf_counter() - begin


def show(console: Console, title: str, figures: Iterable[Figure]) -> None:
    """The figures on a terminal."""
    table = Table(*HEADINGS, title=title, title_justify="left")
    for figure in figures:
        table.add_row(*figure.cells(), style="" if figure.reached else "red")
    console.print(table)


def write(page: Path, command: str, chapters: dict[str, list[Figure]]) -> None:
    """The figures as a page in Markdown; a chapter is a title and its figures.

    A JSON file beside the page holds what it is made of, so that chapters measured earlier stay.
    """
    kept = page.with_suffix(".json")
    stored: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    for title, figures in chapters.items():
        stored[title] = {"machine": _machine(), "figures": [asdict(figure) for figure in figures]}
    kept.write_text(json.dumps(stored, indent=2, sort_keys=True) + "\n")
    page.write_text("\n".join(_lines(command, stored)) + "\n")


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{psutil.cpu_count()} cores, {memory:.0f} GiB, {system}"


def _lines(command: str, stored: dict[str, Any]) -> Iterator[str]:
    yield "# Performance\n"
    yield f"Measured by `{command}`, which makes this page. A ratio is of two things measured in turn in"
    yield "one run; absolute figures are of one machine, which each chapter names."
    for title, chapter in sorted(stored.items()):
        yield f"\n## {title}\n"
        yield f"{chapter['machine']}.\n"
        yield _row(HEADINGS)
        yield _row("---" for _ in HEADINGS)
        for figure in chapter["figures"]:
            yield _row(Figure(**figure).cells())


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
