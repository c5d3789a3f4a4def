# SPDX-License-Identifier: MIT
"""How much of its tables a statement covers: for the status of a query, and for QueryInsights.

Temporal range: from the earliest to the latest time that the statement's own conditions let pass; where they
have no bound, from the table's oldest record, up to its newest or now. Spatial coverage: how many of the
values of the table's partition key the conditions name, of those that there are. Both are given for the table
that does worst.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/using-query-insights.html,
.../optimize-query-using-query-insights.html and .../API_query_QueryInsightsResponse.html
"""

# ruff: noqa: S608 - names are the store's own or quoted, conditions come from a parsed statement
from __future__ import annotations

from typing import Any

import duckdb

from localaws.timestream.catalog import Table
from localaws.timestream.sql import Scan

MEASURE_NAME = "measure_name"

Document = dict[str, Any]


class Insights:
    """What one statement covers.

    :param scans: its readings of tables.
    :param tables: the tables, by their names in the engine.
    :param connection: a cursor of its own.
    """

    def __init__(
        self, scans: list[Scan], tables: dict[str, Table], connection: duckdb.DuckDBPyConnection
    ) -> None:
        self._scans = [scan for scan in scans if scan.table in tables]
        self._tables = tables
        self._connection = connection

    def scanned(self) -> int:
        """The bytes of all rows that are of the times and partition keys that the statement names."""
        return sum(map(self._bytes, self._scans))

    def response(self, now: int) -> Document:
        """The members of QueryInsightsResponse that tell of the tables. `now` is in nanoseconds."""
        if not self._scans:
            return {"QueryTableCount": 0}
        spatial = max(self._scans, key=self._coverage)
        temporal = max(self._scans, key=lambda scan: self._range(scan, now))
        return {
            "QuerySpatialCoverage": {
                "Max": {
                    "Value": self._coverage(spatial),
                    "TableArn": self._arn(spatial),
                    "PartitionKey": [self._key(spatial)],
                }
            },
            "QueryTemporalRange": {
                "Max": {"Value": self._range(temporal, now), "TableArn": self._arn(temporal)}
            },
            "QueryTableCount": len({scan.table for scan in self._scans}),
        }

    def _bytes(self, scan: Scan) -> int:
        store = self._tables[scan.table].store
        condition = scan.where(self._key(scan))
        if condition == "true" or not store.rows:
            return store.bytes
        query = f'SELECT count(*), {store.rows} FROM "{scan.table}" WHERE {condition}'
        return round(store.bytes * self._part(query))

    def _coverage(self, scan: Scan) -> float:
        """The part of the partition key's values that is read, from 0 to 1."""
        condition = scan.of_key(self._key(scan))
        if condition == "true":
            return 1.0
        values = f"count(DISTINCT coalesce({_quoted(self._key(scan))}, ''))"
        return self._part(f'SELECT {values} FILTER (WHERE {condition}), {values} FROM "{scan.table}"')

    def _range(self, scan: Scan, now: int) -> int:
        """The time between the first and the last moment that is read, in nanoseconds."""
        start, end = self._row(scan.bounds())
        if start is None or end is None:
            oldest, newest = self._row(f'SELECT epoch_ns(min(time)), epoch_ns(max(time)) FROM "{scan.table}"')
            start = oldest if start is None else start
            end = max(now, newest or now) if end is None else end
        return 0 if start is None else max(end - start, 0)

    def _part(self, query: str) -> float:
        """One number as a part of another; all of it where a condition can't be tried by itself."""
        try:
            part, whole = self._row(query)
        except duckdb.Error:
            return 1.0
        return part / whole if whole else 0.0

    def _row(self, query: str) -> tuple[Any, ...]:
        return self._connection.execute(query).fetchall()[0]

    def _arn(self, scan: Scan) -> str:
        arn: str = self._tables[scan.table].description["Arn"]
        return arn

    def _key(self, scan: Scan) -> str:
        """The partition key: a dimension, or else the measure name."""
        [key] = self._tables[scan.table].description["Schema"]["CompositePartitionKey"]
        return str(key.get("Name", MEASURE_NAME))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
