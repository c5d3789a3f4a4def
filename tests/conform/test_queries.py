# SPDX-License-Identifier: MIT
"""Query and its kin: the shapes of answers, pages, the words of refusals."""

from typing import Any

import pytest

from tests.conform.places import Place, Table, record, refusal


@pytest.fixture(scope="module")
def table(table: Table) -> Table:
    """The table with a record in it."""
    table.write(record())
    table.rows("time", 1)
    return table


def scalar(kind: str) -> dict[str, str]:
    return {"ScalarType": kind}


@pytest.mark.parametrize(
    ("expression", "kind", "datum"),
    [
        ("1", scalar("INTEGER"), {"ScalarValue": "1"}),
        ("10000000000", scalar("BIGINT"), {"ScalarValue": "10000000000"}),
        ("1e0", scalar("DOUBLE"), {"ScalarValue": "1.0"}),
        ("1e-5", scalar("DOUBLE"), {"ScalarValue": "1.0E-5"}),
        ("nan()", scalar("DOUBLE"), {"ScalarValue": "NaN"}),
        ("true", scalar("BOOLEAN"), {"ScalarValue": "true"}),
        ("'text'", scalar("VARCHAR"), {"ScalarValue": "text"}),
        ("date '2026-01-02'", scalar("DATE"), {"ScalarValue": "2026-01-02"}),
        (
            "timestamp '2026-01-02 03:04:05'",
            scalar("TIMESTAMP"),
            {"ScalarValue": "2026-01-02 03:04:05.000000000"},
        ),
        ("1h", scalar("INTERVAL_DAY_TO_SECOND"), {"ScalarValue": "0 01:00:00.000000000"}),
        ("cast(null as bigint)", scalar("BIGINT"), {"NullValue": True}),
        (
            "array[1, 2]",
            {"ArrayColumnInfo": {"Type": scalar("INTEGER")}},
            {"ArrayValue": [{"ScalarValue": "1"}, {"ScalarValue": "2"}]},
        ),
        (
            "row(1, 'a')",
            {"RowColumnInfo": [{"Type": scalar("INTEGER")}, {"Type": scalar("VARCHAR")}]},
            {"RowValue": {"Data": [{"ScalarValue": "1"}, {"ScalarValue": "a"}]}},
        ),
        ("5 / 2", scalar("INTEGER"), {"ScalarValue": "2"}),
    ],
)
def test_values_by_type(place: Place, expression: str, kind: dict[str, Any], datum: dict[str, Any]) -> None:
    answer = place.ask(f"SELECT {expression} AS it")
    assert answer["ColumnInfo"] == [{"Name": "it", "Type": kind}]
    assert answer["Rows"] == [{"Data": [datum]}]


def test_unnamed_columns(place: Place) -> None:
    assert [column["Name"] for column in place.ask("SELECT 1, 2 AS b, 3")["ColumnInfo"]] == [
        "_col0",
        "b",
        "_col2",
    ]


def test_a_time_series(place: Place, table: Table) -> None:
    answer = place.ask(f"SELECT create_time_series(time, measure_value::double) AS s FROM {table.sql}")
    [column] = answer["ColumnInfo"]
    assert column["Type"] == {"TimeSeriesMeasureValueColumnInfo": {"Type": scalar("DOUBLE")}}
    [point] = answer["Rows"][0]["Data"][0]["TimeSeriesValue"]
    assert point["Value"] == {"ScalarValue": "21.5"}


def test_the_columns_of_a_table(place: Place, table: Table) -> None:
    answer = place.ask(f"SELECT * FROM {table.sql}")
    assert [column["Name"] for column in answer["ColumnInfo"]] == [
        "device_id",
        "measure_name",
        "time",
        "measure_value::double",
    ]


@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        ("SHOW DATABASES", ["Database"]),
        ("SHOW TABLES FROM {database}", ["Table"]),
        ("SHOW MEASURES FROM {table}", ["measure_name", "data_type", "dimensions"]),
        ("DESCRIBE {table}", ["Column", "Type", "Timestream attribute type"]),
    ],
)
def test_statements_about_tables(place: Place, table: Table, statement: str, columns: list[str]) -> None:
    answer = place.ask(statement.format(database=f'"{place.database}"', table=table.sql))
    assert [column["Name"] for column in answer["ColumnInfo"]] == columns
    assert answer["Rows"]


def test_pages(place: Place) -> None:
    statement = "SELECT * FROM unnest(sequence(1, 25)) AS t(n)"
    first = place.query.query(QueryString=statement, MaxRows=10)
    assert len(first["Rows"]) <= 10
    rows, answer = list(first["Rows"]), first
    while "NextToken" in answer:
        answer = place.query.query(QueryString=statement, MaxRows=10, NextToken=answer["NextToken"])
        assert answer["QueryId"] == first["QueryId"]
        rows += answer["Rows"]
    assert [row["Data"][0]["ScalarValue"] for row in rows] == [str(number) for number in range(1, 26)]
    assert set(first["QueryStatus"]) == {
        "CumulativeBytesMetered", "CumulativeBytesScanned", "ProgressPercentage"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT nothing", "line 1:8: Column 'nothing' "),
        ("SELEKT 1", "The query syntax is invalid at line 1:"),
        ("SELECT nosuch(1)", "line 1:8: Function 'nosuch' not registered"),
        ("SELECT 1 / 0", "Division by zero"),
        ("SELECT 'a' + 1", "'+' cannot be applied to varchar, integer"),
        ("SELECT cast('x' AS bigint)", "Cannot cast 'x' to BIGINT"),
        ("DELETE FROM t", "The query syntax is invalid at line 1:"),
    ],
)
def test_refused_statements(place: Place, statement: str, words: str) -> None:
    code, message = refusal(place.query.query, QueryString=statement)
    assert code == "ValidationException"
    assert words in message


def test_tables_that_are_not_there(place: Place) -> None:
    code, _ = refusal(place.query.query, QueryString=f'SELECT * FROM "{place.database}"."nowhere"')
    assert code == "ValidationException"


@pytest.mark.parametrize("token", ["no-token", ""])
def test_tokens_that_are_none(place: Place, token: str) -> None:
    assert refusal(place.query.query, QueryString="SELECT 1", NextToken=token)[0] == "ValidationException"


def test_a_query_that_is_not_there_cannot_be_cancelled(place: Place) -> None:
    code, _ = refusal(place.query.cancel_query, QueryId="AEDACAMA6CGNUXQFFYCAEH2ZG7ZWR6DHHTDIGWA")
    assert code in ("ResourceNotFoundException", "ValidationException")


def test_a_query_is_prepared(place: Place, table: Table) -> None:
    statement = f"SELECT device_id, count(*) AS n FROM {table.sql} WHERE device_id = @device GROUP BY 1"
    prepared = place.query.prepare_query(QueryString=statement, ValidateOnly=True)
    assert [column["Name"] for column in prepared["Columns"]] == ["device_id", "n"]
    assert [parameter["Name"] for parameter in prepared["Parameters"]] == ["device"]
