# SPDX-License-Identifier: MIT
"""Every function and operator of Timestream's developer guide does what the guide says: reference/*.yml."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from docs.generate import Example, Function, reference
from localaws.timestream.sql import Answer
from tests.answers import plain, type_name

Ask = Callable[[str], Answer]
Refusal = Callable[[str], str]


def _examples() -> Iterator[Any]:
    for file, page in reference().items():
        for function in page.functions:
            for i, example in enumerate(function.examples):
                yield pytest.param(function, example, id=f"{file}-{function.signature}-{i}")


@pytest.mark.parametrize(("function", "example"), list(_examples()))
def test_example(ask: Ask, refusal: Refusal, function: Function, example: Example) -> None:
    if function.unsupported:
        assert function.name in refusal(example.query).lower()
    elif example.error:
        assert example.error in refusal(example.query)
    else:
        answer = ask(example.query)
        assert [[plain(datum) for datum in row["Data"]] for row in answer.rows] == example.rows
        if example.type:
            assert [type_name(column["Type"]) for column in answer.columns] == example.type


@pytest.mark.parametrize("page", list(reference().values()), ids=reference())
def test_every_function_of_a_page_has_an_example_with_an_answer(page: Any) -> None:
    for function in page.functions:
        assert function.examples, function.signature
        for example in function.examples:
            assert example.rows or example.error or function.unsupported, example.query
