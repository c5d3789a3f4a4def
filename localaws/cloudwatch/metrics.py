# SPDX-License-Identifier: MIT
"""The metrics of one account and region, by minute, or by second for those of high resolution; on disk.

Values of a minute are summed up as they come, and reach the file at the next flush. As they grow old they
are put together: seconds to minutes after 3 hours, to 5 minutes after 15 days, to hours after 63 days, and
after 455 days they are gone.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from localaws.cloudwatch.statistics import Summary

MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR
RETENTION = 455 * DAY
RESOLUTIONS = ((3 * HOUR, MINUTE), (15 * DAY, 5 * MINUTE), (63 * DAY, HOUR))
"""How old values of less than which resolution become."""


class Metric(NamedTuple):
    """A metric: each combination of dimensions is one of its own. `dimensions` are sorted pairs."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str]) -> Metric:
        """The metric with these dimensions, in whichever order."""
        return cls(namespace, name, tuple(sorted(dimensions.items())))


class Point(NamedTuple):
    """The values of a metric that have one unit, from a second since 1970 on."""

    time: int
    unit: str
    summary: Summary


_Key = tuple[int, int, str]

_TABLES = """
CREATE TABLE IF NOT EXISTS metrics (id INTEGER PRIMARY KEY, namespace, name, dimensions);
CREATE TABLE IF NOT EXISTS points (
    metric, time, unit, count, total, low, high, samples, PRIMARY KEY (metric, time, unit)
) WITHOUT ROWID;
"""
_ROW = "SELECT time, unit, count, total, low, high, samples FROM points WHERE metric = ?"


class Metrics:
    """The metrics, in a file, or, without one, in memory. Any thread may call."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._pending: dict[_Key, Summary] = {}
        self._connection = sqlite3.connect(file or ":memory:", check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_TABLES)
        self._ids: dict[Metric, int] = {
            Metric(namespace, name, tuple(map(tuple, json.loads(dimensions)))): id_
            for id_, namespace, name, dimensions in self._connection.execute("SELECT * FROM metrics")
        }
        newest = self._connection.execute("SELECT metric, max(time) FROM points GROUP BY metric")
        self._newest: dict[int, int] = dict(newest)

    def put(self, metric: Metric, time: float, unit: str, summary: Summary, resolution: int = MINUTE) -> None:
        """Add values of a metric. The summary is the store's from now on.

        :param time: seconds since 1970.
        :param resolution: 1 or 60 seconds.
        """
        second = int(time // resolution) * resolution
        with self._lock:
            key = self._id(metric), second, unit
            self._newest[key[0]] = max(second, self._newest.get(key[0], second))
            if key in self._pending:
                self._pending[key].add(summary)
            else:
                self._pending[key] = summary

    def points(self, metric: Metric, start: int, end: int, unit: str | None = None) -> list[Point]:
        """What there is of a metric from `start` to before `end`, in order of time, of one unit or any."""
        with self._lock:
            id_ = self._ids.get(metric)
            if id_ is None or self._newest.get(id_, start - 1) < start:
                return []
            self._flush()
            rows = self._connection.execute(
                f"{_ROW} AND time >= ? AND time < ? ORDER BY time", [id_, start, end]
            )
            return [point for point in map(_point, rows) if unit in (None, point.unit)]

    def newest(self, metric: Metric) -> int | None:
        """When a metric last had a value, in seconds since 1970; None if it is not there."""
        with self._lock:
            return self._newest.get(self._ids.get(metric, 0))

    def since(self, start: float) -> list[Metric]:
        """The metrics that have had a value since then, sorted."""
        with self._lock:
            return sorted(metric for metric, id_ in self._ids.items() if self._newest.get(id_, 0) >= start)

    def flush(self) -> None:
        """Write what came in to the file."""
        with self._lock:
            self._flush()

    def age(self, now: float) -> None:
        """Put together what is old, and forget what is too old."""
        with self._lock:
            self._flush()
            for age, resolution in RESOLUTIONS:
                self._coarsen(int(now - age), resolution)
            self._connection.execute("DELETE FROM points WHERE time < ?", [int(now - RETENTION)])

    def close(self) -> None:
        """Let go of the file."""
        self.flush()
        self._connection.close()

    def _id(self, metric: Metric) -> int:
        if metric not in self._ids:
            dimensions = json.dumps(metric.dimensions)
            inserted = self._connection.execute(
                "INSERT INTO metrics (namespace, name, dimensions) VALUES (?, ?, ?)",
                [metric.namespace, metric.name, dimensions],
            )
            self._ids[metric] = int(inserted.lastrowid or 0)
        return self._ids[metric]

    def _flush(self) -> None:
        if self._pending:
            pending, self._pending = self._pending, {}
            self._merge(pending.items())

    def _merge(self, summaries: Iterable[tuple[_Key, Summary]]) -> None:
        """Add values to those that the file has."""
        self._connection.execute("BEGIN")
        for (id_, time, unit), summary in summaries:
            for row in self._connection.execute(f"{_ROW} AND time = ? AND unit = ?", [id_, time, unit]):
                summary.add(_point(row).summary)
            self._connection.execute(
                "REPLACE INTO points VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [id_, time, unit, summary.count, summary.total, summary.low, summary.high, _samples(summary)],
            )
        self._connection.execute("COMMIT")

    def _coarsen(self, before: int, resolution: int) -> None:
        """Put together what is older than that and finer."""
        fine = self._connection.execute(
            "SELECT metric, time, unit, count, total, low, high, samples FROM points"
            " WHERE time < ? AND time % ?",
            [before // resolution * resolution, resolution],
        ).fetchall()
        self._connection.executemany(
            "DELETE FROM points WHERE metric = ? AND time = ? AND unit = ?", [row[:3] for row in fine]
        )
        points = ((id_, _point(row)) for id_, *row in fine)
        self._merge(
            ((id_, point.time // resolution * resolution, point.unit), point.summary) for id_, point in points
        )


def _point(row: Sequence[Any]) -> Point:
    time, unit, count, total, low, high, samples = row
    return Point(time, unit, Summary(count, total, low, high, dict(json.loads(samples)) if samples else None))


def _samples(summary: Summary) -> str | None:
    return json.dumps(list(summary.values.items())) if summary.values is not None else None
