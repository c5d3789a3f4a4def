# SPDX-License-Identifier: MIT
"""Every function and operator of Timestream's developer guide does what the guide says: reference/*.yml."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from docs.generate import Example, Function, reference
from localaws.timestream.sql import Answer

Ask = Callable[[str], Answer]
Refusal = Callable[[str], str]


def _examples() -> Iterator[Any]:
    for file, page in reference().items():
        for function in page.functions:
            for i, example in enumerate(function.examples):
                yield pytest.param(function, example, id=f"{file}-{function.signature}-{i}")


def _type(type_: dict[str, Any]) -> str:
    """`varchar`, `array(bigint)`, `row(bigint, varchar)`, `timeseries(double)`."""
    if scalar := type_.get("ScalarType"):
        return str(scalar).lower().replace("_", " ")
    if element := type_.get("ArrayColumnInfo"):
        return f"array({_type(element['Type'])})"
    if element := type_.get("TimeSeriesMeasureValueColumnInfo"):
        return f"timeseries({_type(element['Type'])})"
    return f"row({', '.join(_type(field['Type']) for field in type_['RowColumnInfo'])})"


def _plain(datum: dict[str, Any]) -> Any:
    """A datum as the files write it."""
    if "ArrayValue" in datum:
        return [_plain(item) for item in datum["ArrayValue"]]
    if "RowValue" in datum:
        return {"row": [_plain(item) for item in datum["RowValue"]["Data"]]}
    if "TimeSeriesValue" in datum:
        return [{"time": p["Time"], "value": _plain(p["Value"])} for p in datum["TimeSeriesValue"]]
    return None if datum == {"NullValue": True} else datum["ScalarValue"]


@pytest.mark.parametrize(("function", "example"), list(_examples()))
def test_example(ask: Ask, refusal: Refusal, function: Function, example: Example) -> None:
    if function.unsupported:
        assert function.name in refusal(example.query).lower()
    elif example.error:
        assert example.error in refusal(example.query)
    else:
        answer = ask(example.query)
        assert [[_plain(datum) for datum in row["Data"]] for row in answer.rows] == example.rows
        if example.type:
            assert [_type(column["Type"]) for column in answer.columns] == example.type


@pytest.mark.parametrize("page", list(reference().values()), ids=reference())
def test_every_function_of_a_page_has_an_example_with_an_answer(page: Any) -> None:
    for function in page.functions:
        assert function.examples, function.signature
        for example in function.examples:
            assert example.rows or example.error or function.unsupported, example.query
