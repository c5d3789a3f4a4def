# SPDX-License-Identifier: MIT
"""The questions in files/queries: each a file that anyone can run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.query import query
from demo.questions import Question, questions, window
from demo.stack import Stack

NOW = datetime(2026, 1, 2, 12, 30, tzinfo=UTC)


def test_a_file_starts_with_its_question(tmp_path: Path) -> None:
    (tmp_path / "b.sql").write_text("-- How much?\nSELECT 1\n")
    (tmp_path / "a.sql").write_text("-- How many?\nSELECT ${window}\n")
    many, much = questions(tmp_path)
    assert (many.text, much.text) == ("How many?", "How much?")
    assert many.sql("d", "t", "25h") == "SELECT 25h"


def test_a_file_without_a_question_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("SELECT 1\n")
    with pytest.raises(ValueError, match=r"a\.sql does not start with its question"):
        questions(tmp_path)


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.path.stem)
def test_every_question_is_bounded_in_time(question: Question) -> None:
    assert question.text.endswith("?")
    sql = question.sql("a", "b", "24h")
    assert sql.count("time > ago(") == sql.count('FROM "a"."b"')


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.path.stem)
def test_every_question_has_an_answer_even_of_an_empty_table(stack: Stack, question: Question) -> None:
    writer, name = stack.client("timestream-write"), question.path.stem
    writer.create_table(DatabaseName=stack.database, TableName=name)
    dimensions = [{"Name": name, "Value": "x"} for name in ("device_id", "location")]
    old = {"Dimensions": dimensions, "MeasureName": "m", "MeasureValue": "1", "MeasureValueType": "DOUBLE"}
    writer.write_records(DatabaseName=stack.database, TableName=name, Records=[old | {"Time": now_ms()}])
    assert query(stack, question.sql(stack.database, name, "1ms")).columns


def now_ms() -> str:
    return str(int(datetime.now(UTC).timestamp() * 1000) - 60_000)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(minutes=1), "1h"),
        (timedelta(minutes=59), "1h"),
        (timedelta(hours=24), "25h"),
        (timedelta(days=365), "8761h"),
    ],
)
def test_window_reaches_beyond_the_first_reading(age: timedelta, expected: str) -> None:
    assert window(NOW - age, NOW) == expected
