# SPDX-License-Identifier: MIT
"""The page of figures, of which a chapter can be made anew by itself."""

from pathlib import Path

import pytest

from bench.figures import Figure, write

DEPLOY = Figure("deploy", 3.0, "s", aim=0.33, against=("a script", 12.0))
SLOW_DEPLOY = Figure("deploy", 6.0, "s", aim=0.33, against=("a script", 12.0))
QUERY = Figure("query", 5.0, "ms", aim=20)


def test_a_ratio_is_held_against_its_aim() -> None:
    assert DEPLOY.cells() == ("deploy", "3 s", "a script: 12 s", "0.25", "≤ 0.33 times")
    assert SLOW_DEPLOY.cells() == ("deploy", "6 s", "a script: 12 s", "0.50", "≤ 0.33 times ✗")
    assert QUERY.cells() == ("query", "5 ms", "", "", "≤ 20 ms")


@pytest.mark.parametrize("chapters", [{"B": [SLOW_DEPLOY], "A": [QUERY]}, {"A": [QUERY], "B": [SLOW_DEPLOY]}])
def test_a_chapter_measured_anew_leaves_the_others(tmp_path: Path, chapters: dict[str, list[Figure]]) -> None:
    page = tmp_path / "performance.md"
    write(page, "make bench", chapters)
    before = page.read_text()
    write(page, "make bench", {"B": [DEPLOY]})
    assert page.read_text() == before.replace(" | ".join(SLOW_DEPLOY.cells()), " | ".join(DEPLOY.cells()))
    assert before.index("## A") < before.index("## B")
