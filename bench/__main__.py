# SPDX-License-Identifier: MIT
"""`python -m bench` measures everything and writes docs/performance.md; `make bench` runs it."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bench import figures, timestream

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def main() -> None:
    """Measure, show, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=figures.__doc__)
    parser.add_argument(
        "--rows", type=int, default=10_000_000, help="records of the full table (%(default)s)"
    )
    parser.add_argument("--page", type=Path, default=PAGE, help="where the figures go (%(default)s)")
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder, Progress(console=console) as progress:
        chapters = {
            "The embedded Timestream": timestream.figures(Path(folder) / "state", options.rows, progress),
        }
    for title, found in chapters.items():
        figures.show(console, title, found)
    figures.write(options.page, "make bench", chapters)


if __name__ == "__main__":
    main()
