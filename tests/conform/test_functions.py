# SPDX-License-Identifier: MIT
"""The examples of the reference of functions, as far as they need no table and no time of their own."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from docs.generate import Example, reference
from tests.answers import plain, type_name
from tests.conform.places import Place, refusal

OF_PLACE_OR_TIME = re.compile(r"\b(iot|SHOW|DESCRIBE|now|ago|current_\w+|localtime\w*)\b", re.IGNORECASE)


def examples() -> Iterator[Any]:
    """All that the reference states, but what depends on the tables and the clock of its own tests."""
    for page, content in reference().items():
        for function in content.functions:
            for number, example in enumerate(function.examples):
                if not function.unsupported and not OF_PLACE_OR_TIME.search(example.query):
                    yield pytest.param(example, id=f"{page}-{function.signature}-{number}")


@pytest.mark.parametrize("example", list(examples()))
def test_an_example_answers_as_stated(place: Place, example: Example) -> None:
    if example.error:
        assert example.error in refusal(place.query.query, QueryString=example.query)[1]
        return
    answer = place.ask(example.query)
    assert [[plain(datum) for datum in row["Data"]] for row in answer["Rows"]] == example.rows
    if example.type:
        assert [type_name(column["Type"]) for column in answer["ColumnInfo"]] == example.type
