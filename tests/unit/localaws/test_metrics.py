# SPDX-License-Identifier: MIT
"""The metrics and dimensions of https://docs.aws.amazon.com/timestream/latest/developerguide/metrics-dimensions.html

Those of queues are in
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from typing import Any

import pytest

from localaws.errors import ValidationException
from localaws.metrics import Gauge, Gauges, Metered, of_queue, of_storage

TABLE = {"DatabaseName": "plant", "TableName": "readings"}
Recorded = dict[str, tuple[float, str, dict[str, str]]]


class Service:
    """Answers with what it was made with, or raises it."""

    def __init__(self, outcome: dict[str, Any] | Exception) -> None:
        self.outcome = outcome

    def call(self, operation: str, request: dict[str, Any], endpoint: str) -> dict[str, Any]:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def recorded(outcome: dict[str, Any] | Exception, operation: str, request: dict[str, Any]) -> Recorded:
    metrics: Recorded = {}

    def record(name: str, value: float, unit: str, dimensions: dict[str, str]) -> None:
        metrics[name] = (value, unit, dimensions)

    service = Metered(Service(outcome), record)
    if isinstance(outcome, Exception):
        with pytest.raises(type(outcome)):
            service.call(operation, request, "")
    else:
        assert service.call(operation, request, "") is outcome
    return metrics


def test_a_write_is_timed_by_its_table_and_its_records_are_counted() -> None:
    metrics = recorded({"RecordsIngested": {"Total": 3}}, "WriteRecords", {**TABLE, "Records": []})
    assert metrics["NumberOfRecords"] == (3, "Count", {"Operation": "WriteRecords"})
    latency, unit, dimensions = metrics["SuccessfulRequestLatency"]
    assert 0 <= latency < 1000
    assert (unit, dimensions) == ("Milliseconds", {"Operation": "WriteRecords", **TABLE})


def test_writes_to_the_magnetic_store_can_be_queried_at_once() -> None:
    ingested = {"Total": 3, "MemoryStore": 1, "MagneticStore": 2}
    metrics = recorded({"RecordsIngested": ingested}, "WriteRecords", {**TABLE, "Records": []})
    named = {"Operation": "WriteRecords", **TABLE}
    assert metrics["MagneticStorePendingRecordsLatency"] == (0, "Milliseconds", named)
    of_database = {"Operation": "WriteRecords", "DatabaseName": "plant"}
    assert metrics["ActiveMagneticStorePartitions"] == (1, "Count", of_database)


PAGE = {"Rows": [], "QueryStatus": {"CumulativeBytesMetered": 10_000_000}}


def test_a_query_names_no_table() -> None:
    metrics = recorded(PAGE, "Query", {"QueryString": "SELECT 1"})
    assert metrics["SuccessfulRequestLatency"][2] == {"Operation": "Query"}
    assert metrics["CumulativeBytesMetered"] == (10_000_000, "Bytes", {"Operation": "Query"})


def test_compute_is_counted_by_its_units() -> None:
    value, _, dimensions = recorded(PAGE, "Query", {"QueryString": "SELECT 1"})["ResourceCount"]
    assert value == 4
    assert dimensions == {
        "Service": "Timestream",
        "Resource": "QueryTCU",
        "Type": "Resource",
        "Class": "OnDemand",
    }


def test_what_a_query_scans_is_counted_once() -> None:
    metrics = recorded({**PAGE, "NextToken": "more"}, "Query", {"QueryString": "SELECT 1"})
    assert list(metrics) == ["SuccessfulRequestLatency"]


class Minutes:
    """A clock that is set by hand, and what gauges are read under it."""

    def __init__(self, start: int) -> None:
        self.seconds = start
        self.recorded: list[tuple[str, float, float]] = []
        self._depth = 0.0
        self._gauges = Gauges(lambda: self.seconds * 10**9, self._read, self._record, 60)

    def at(self, seconds: int, depth: float) -> list[tuple[str, float, float]]:
        self.seconds, self._depth, self.recorded = seconds, depth, []
        self._gauges.work()
        return self.recorded

    def _read(self) -> list[Gauge]:
        return [Gauge("1", "r", "AWS/SQS", "Depth", self._depth, "Count", {})]

    def _record(self, gauge: Gauge, at: float) -> None:
        self.recorded.append((gauge.name, gauge.value, at))


def test_gauges_are_read_when_a_minute_is_over() -> None:
    minutes = Minutes(600)
    assert minutes.at(600, 1) == []
    assert minutes.at(659, 2) == []
    assert minutes.at(660, 3) == [("Depth", 3, 600)]
    assert minutes.at(661, 4) == []


def test_a_clock_that_was_moved_on_leaves_no_gap() -> None:
    minutes = Minutes(600)
    minutes.at(600, 1)
    assert minutes.at(600 + 185, 5) == [("Depth", 5, 600), ("Depth", 5, 660), ("Depth", 5, 720)]
    assert len(minutes.at(600 + 10 * 24 * 3600, 5)) == 24 * 60


def test_what_is_stored() -> None:
    values = {gauge.name: (gauge.value, gauge.dimensions) for gauge in of_storage("1", "r", 5, 7)}
    assert values == {
        "MemoryCumulativeBytesMetered": (5, {"Operation": "Storage"}),
        "MagneticCumulativeBytesMetered": (7, {"Operation": "Storage"}),
    }


def test_what_a_queue_holds() -> None:
    # each message: how old it is, how long it stays hidden, whether it was received before
    messages = [(50.0, -50.0, False), (20.0, -1.0, True), (40.0, 25.0, True), (5.0, 10.0, False)]
    values = {gauge.name: gauge.value for gauge in of_queue("1", "r", "letters", messages)}
    assert values == {
        "ApproximateNumberOfMessagesVisible": 2,
        "ApproximateNumberOfMessagesNotVisible": 1,
        "ApproximateNumberOfMessagesDelayed": 1,
        "ApproximateAgeOfOldestMessage": 50,
    }


@pytest.mark.parametrize(
    ("error", "metric"), [(ValidationException("no"), "UserErrors"), (KeyError("oops"), "SystemErrors")]
)
def test_errors_are_counted_as_whose_they_are(error: Exception, metric: str) -> None:
    assert recorded(error, "Query", {}) == {metric: (1, "Count", {"Operation": "Query"})}
