# SPDX-License-Identifier: MIT
import datetime
from typing import Any

import awswrangler as wr
import pandas as pd
import pytest

from tests.awswrangler.conftest import Readings, Table


@pytest.fixture
def filled(table: Table, readings: Readings) -> tuple[Table, pd.DataFrame]:
    """A table and what was written to it."""
    frame = readings(5)
    wr.timestream.write(
        df=frame,
        database=table.database,
        table=table.table,
        time_col="time",
        measure_col="temperature",
        dimensions_cols=["site", "rack"],
    )
    return table, frame


Filled = tuple[Table, pd.DataFrame]


def test_the_types_of_a_query(filled: Filled) -> None:
    table, frame = filled
    found = table.rows(
        "1 AS one, TRUE AS yes, 'foo' AS text, date '2024-02-29' AS day, CAST(NULL AS double) AS nothing,"
        " time '12:34:56.789' AS clock, measure_value::double, measure_name, time",
        "ORDER BY time DESC LIMIT 3",
    )
    assert found.attrs == {}
    row = found.iloc[0]
    assert (row["one"], row["yes"], row["text"]) == (1, True, "foo")
    assert row["day"] == datetime.date(2024, 2, 29)
    assert row["clock"] == datetime.time(12, 34, 56, 789000)
    assert pd.isna(row["nothing"])
    assert list(found["time"]) == list(frame["time"][:1:-1])
    assert list(found["measure_value::double"]) == list(frame["temperature"][:1:-1])


def test_aggregates_are_those_of_pandas(filled: Filled) -> None:
    table, frame = filled
    found = table.rows(
        "site, avg(measure_value::double) AS mean, max(measure_value::double) AS max, count(*) AS count",
        "GROUP BY site ORDER BY site",
    )
    expected = frame.groupby("site")["temperature"].agg(["mean", "max", "count"]).reset_index()
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


@pytest.mark.parametrize("configuration", [None, {}, {"MaxItems": 4, "PageSize": 2}])
def test_pages_are_put_together(filled: Filled, configuration: dict[str, Any] | None) -> None:
    table, frame = filled
    found = wr.timestream.query(
        f'SELECT time FROM "{table.database}"."{table.table}" ORDER BY time', pagination_config=configuration
    )
    limit = 4 if configuration else 5
    assert list(found["time"]) == list(frame["time"][:limit])


def test_chunks(filled: Filled) -> None:
    table, frame = filled
    chunks = list(
        wr.timestream.query(
            f'SELECT * FROM "{table.database}"."{table.table}" ORDER BY time',
            chunked=True,
            pagination_config={"MaxItems": 5, "PageSize": 3},
        )
    )
    assert [chunk.shape for chunk in chunks] == [(3, 5), (2, 5)]
    assert len({chunk.attrs["QueryId"] for chunk in chunks}) == 1
    assert [time for chunk in chunks for time in chunk["time"]] == list(frame["time"])


@pytest.mark.parametrize("chunked", [False, True])
def test_an_empty_answer(filled: Filled, chunked: bool) -> None:
    table, _ = filled
    sql = f'SELECT * FROM "{table.database}"."{table.table}" WHERE site = \'none\''
    answer = wr.timestream.query(sql, chunked=chunked)
    assert list(answer) == [] if chunked else answer.empty  # type: ignore[union-attr]


def test_a_table_may_have_an_alias_that_is_a_key_word(filled: Filled) -> None:
    table, _ = filled
    assert table.rows("*", "DESC LIMIT 2").shape == (2, 5)


def test_an_array(filled: Filled) -> None:
    table, _ = filled
    [value] = table.rows("ARRAY[1, 2] AS numbers", "LIMIT 1")["numbers"]
    assert value == "[{'ScalarValue': '1'}, {'ScalarValue': '2'}]"


def test_a_bad_statement() -> None:
    with pytest.raises(Exception, match="ValidationException"):
        wr.timestream.query("SELEKT 1")
