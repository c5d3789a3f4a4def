# SPDX-License-Identifier: MIT
"""The generated pages of docs/ are up to date: `make docs` makes them so."""

import pytest

from docs import generate


@pytest.mark.parametrize("name", generate.PAGES)
def test_the_page_is_what_would_be_generated(name: str) -> None:
    assert (generate.ROOT / "docs" / name).read_text() == generate.PAGES[name]()
