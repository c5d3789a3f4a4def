# SPDX-License-Identifier: MIT
"""`python -m bench` measures and writes docs/performance.md; `make bench` runs it."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bench import deploys, figures, timestream

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
CHAPTERS = {"deploys": "Deploys", "timestream": "The embedded Timestream"}


def main() -> None:
    """Measure, show, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=figures.__doc__)
    parser.add_argument(
        "--only", choices=CHAPTERS, help="measure one chapter; the page keeps the other's figures"
    )
    parser.add_argument(
        "--rows", type=int, default=10_000_000, help="records of the full table (%(default)s)"
    )
    parser.add_argument("--runs", type=int, default=3, help="deploys of each kind (%(default)s)")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the figures go (%(default)s)")
    options = parser.parse_args()
    console = Console()
    for chapter in [options.only] if options.only else CHAPTERS:
        with tempfile.TemporaryDirectory() as name, Progress(console=console) as progress:
            folder = Path(name)
            found = (
                deploys.figures(folder, options.runs, progress)
                if chapter == "deploys"
                else timestream.figures(folder / "state", options.rows, progress)
            )
        figures.show(console, CHAPTERS[chapter], found)
        figures.write(options.page, "make bench", {CHAPTERS[chapter]: found})


if __name__ == "__main__":
    main()
