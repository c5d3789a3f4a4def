# SPDX-License-Identifier: MIT
"""Statements beside SELECT, and parameters, as they are read.

https://docs.aws.amazon.com/timestream/latest/developerguide/supported-sql-constructs.UNLOAD.html
https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_PrepareQuery.html
"""

import duckdb
import pytest

from localaws.errors import ValidationException
from localaws.timestream.schema import Relations
from localaws.timestream.sql import grammar
from localaws.timestream.sql.dialect import Unload
from localaws.timestream.sql.terms import text
from localaws.timestream.sql.translate import Translation

NOW = 1_767_268_800_123_456_789


def test_unload_has_a_query_a_target_and_options() -> None:
    tree = grammar.parse(
        "UNLOAD (WITH x AS (SELECT 1 AS a) SELECT * FROM x) TO 's3://bucket/folder' WITH ("
        "partitioned_by = ARRAY['a', b], FORMAT = 'CSV', field_delimiter = ',')"
    )
    assert isinstance(tree, Unload)
    assert tree.this.sql("trino") == "WITH x AS (SELECT 1 AS a) SELECT * FROM x"
    assert tree.args["target"].name == "s3://bucket/folder"
    assert tree.options() == {"partitioned_by": ["a", "b"], "format": "CSV", "field_delimiter": ","}


def test_unload_needs_no_options() -> None:
    tree = grammar.parse("unload (SELECT 1) to 's3://bucket'")
    assert isinstance(tree, Unload)
    assert tree.options() == {}


@pytest.mark.parametrize(
    "statement",
    [
        "UNLOAD SELECT 1 TO 's3://b'",
        "UNLOAD (SELECT 1)",
        "UNLOAD (SELECT 1) TO b",
        "UNLOAD (SELECT 1) TO 's3://b' WITH ()",
        "UNLOAD (SELECT 1) TO 's3://b' WITH (format = (SELECT 1))",
        "UNLOAD (SELECT 1) TO 's3://b' WITH (format = 1)",
        "UNLOAD (SHOW DATABASES) TO 's3://b'",
        "UNLOAD (UNLOAD (SELECT 1) TO 's3://a') TO 's3://b'",
        "SELECT * FROM (UNLOAD (SELECT 1) TO 's3://b')",
    ],
)
def test_a_malformed_unload_is_refused(statement: str) -> None:
    with pytest.raises(ValidationException):
        grammar.parse(statement)


@pytest.fixture
def cursor(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    return connection.cursor()


def test_parameters_are_named_once_in_their_order() -> None:
    tree = grammar.parse("SELECT @a FROM iot.fleet WHERE time BETWEEN @b AND @a")
    assert grammar.parameters(tree) == ["a", "b"]


def test_a_parameter_stands_for_a_moment(tables: Relations, cursor: duckdb.DuckDBPyConnection) -> None:
    statement = "SELECT @scheduled_runtime - 1h"
    translation = Translation(statement, tables, cursor, NOW, {"scheduled_runtime": NOW})
    query = text(translation.translated(grammar.parse(statement)))
    (found,) = cursor.execute(f"SELECT epoch_ns(x) FROM ({query}) t(x)").fetchall()[0]
    assert found == NOW - 3600 * 10**9


def test_a_parameter_without_a_value_is_refused(tables: Relations, cursor: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValidationException, match=r"line 1:8: The parameter '@x' has no value"):
        Translation("SELECT @x", tables, cursor, NOW).translated(grammar.parse("SELECT @x"))


def test_a_prepared_query_tells_what_its_parameters_are_for(
    tables: Relations, cursor: duckdb.DuckDBPyConnection
) -> None:
    statement = (
        'SELECT @e, round(measure_value::double, @digits) FROM iot."sensor-data" '
        "WHERE time BETWEEN @a AND @b AND device_id = @device"
    )
    translation = Translation(statement, tables, cursor, NOW, None)
    translation.translated(grammar.parse(statement))
    assert translation.parameter_types == {
        "e": '"NULL"',
        "digits": "BIGINT",
        "a": "TIMESTAMP_NS",
        "b": "TIMESTAMP_NS",
        "device": "VARCHAR",
    }
