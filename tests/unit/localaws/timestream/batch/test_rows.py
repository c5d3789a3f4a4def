# SPDX-License-Identifier: MIT
import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.errors import ValidationException
from localaws.timestream.batch import rows
from localaws.timestream.batch.rows import Format, Row

CELLS = st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=2, max_size=4)


def read(content: bytes, size: int = 7, **configuration: Any) -> list[Row]:
    return list(Format(configuration).rows(chunks(content, size)))


def chunks(content: bytes, size: int) -> Iterator[bytes]:
    return (content[first : first + size] for first in range(0, len(content), size))


def values(content: bytes, **configuration: Any) -> list[list[str]]:
    found = read(content, **configuration)
    assert [row.problem for row in found] == [None] * len(found)
    return [row.values for row in found]


@given(table=st.lists(CELLS, max_size=5), size=st.integers(1, 50), separator=st.sampled_from(",|;\t "))
def test_what_was_written_is_read_wherever_the_chunks_end(
    table: list[list[str]], size: int, separator: str
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(table)
    content = file.getvalue().encode()
    found = read(content, size, ColumnSeparator=separator)
    assert [row.values for row in found] == table
    assert [row.problem for row in found] == [None] * len(table)
    if table:
        assert (found[-1].end, found[-1].last) == (len(content), content.count(b"\n"))


@given(content=st.binary(max_size=300), size=st.integers(1, 50))
def test_no_bytes_break_it(content: bytes, size: int) -> None:
    ends = [row.end for row in read(content, size)]
    assert ends == sorted(ends)
    assert not ends or ends[-1] <= len(content)


@given(table=st.lists(CELLS, min_size=2, max_size=6), size=st.integers(1, 50))
def test_it_goes_on_from_where_a_row_ended(table: list[list[str]], size: int) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(table)
    content = file.getvalue().encode()
    found = read(content, size)
    for number, row in enumerate(found, 1):
        rest = Format({}).rows(chunks(content[row.end :], size), row.last, row.end)
        assert list(rest) == found[number:]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    found = read(b'a,b\n1,2\n\n"x\ny",3\n4,5')
    assert [(row.values, row.first, row.last) for row in found] == [
        (["a", "b"], 1, 1),
        (["1", "2"], 2, 2),
        (["x\ny", "3"], 4, 5),
        (["4", "5"], 6, 6),
    ]


def test_line_ends_of_windows() -> None:
    assert values(b"a,b\r\n1,2\r\n") == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("configuration", "content", "expected"),
    [
        ({}, b'"a ""b""",c\n', ['a "b"', "c"]),
        ({"QuoteChar": "'", "ColumnSeparator": "|"}, b"'a|b'|c\n", ["a|b", "c"]),
        ({"EscapeChar": "\\"}, b'"a \\"b\\"",c\n', ['a "b"', "c"]),
        ({"EscapeChar": '"'}, b'"a ""b""",c\n', ['a "b"', "c"]),
        ({"TrimWhiteSpace": True}, b' a ,  " b "  \n', ["a", "b"]),
        ({"TrimWhiteSpace": False}, b" a , b\n", [" a ", " b"]),
        ({"ColumnSeparator": " ", "TrimWhiteSpace": True}, b"a b\n", ["a", "b"]),
    ],
)
def test_format_parameters(configuration: dict[str, Any], content: bytes, expected: list[str]) -> None:
    assert values(content, **configuration) == [expected]


@pytest.mark.parametrize(
    "configuration",
    [
        {"ColumnSeparator": ":"},
        {"QuoteChar": "`"},
        {"EscapeChar": ","},
        {"EscapeChar": "\n"},
        {"EscapeChar": " "},
    ],
)
def test_characters_that_a_format_can_not_have(configuration: dict[str, Any]) -> None:
    with pytest.raises(ValidationException):
        Format(configuration)


@pytest.mark.parametrize(("text", "value"), [("", None), ("NA", None), ("na", "na"), (" ", " "), ("0", "0")])
def test_null_values(text: str, value: str | None) -> None:
    assert Format({"NullValue": "NA"}).value(text) == value


@pytest.mark.parametrize("broken", [b'"x"y,1', b'"x" ,1', b"a\rb,1", b"\xff,1"])
def test_a_broken_row_leaves_the_next_ones(broken: bytes) -> None:
    found = read(b"a,b\n" + broken + b"\n1,2\n")
    assert [row.values for row in found if row.problem is None] == [["a", "b"], ["1", "2"]]
    [problem] = [row for row in found if row.problem]
    assert (problem.first, problem.last) == (2, 2)


def test_a_quote_that_is_never_closed_takes_the_rest() -> None:
    found = read(b'a,b\n"x,1\n2,3\n')
    assert [(row.first, row.last, bool(row.problem)) for row in found] == [(1, 1, False), (2, 3, True)]


def test_a_nul_is_a_character_like_others() -> None:
    assert values(b"a\0b,c\n") == [["a\0b", "c"]]


def test_a_row_has_a_greatest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "ROW_BYTES", 20)
    long, wide = b"x" * 21, b'"' + b"x" * 10 + b"\n" + b"x" * 10 + b'"'
    for broken in (long, wide):
        found = read(b"a,b\n" + broken + b"\n1,2\n")
        assert found[1].problem == rows.TOO_LONG
        assert found[-1].values == ["1", "2"]


def test_a_field_of_megabytes_is_read() -> None:
    content = b"a,b\n" + b"x" * 2_000_000 + b",1\n"
    assert len(values(content, size=65_536)[1][0]) == 2_000_000
