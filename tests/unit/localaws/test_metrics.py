# SPDX-License-Identifier: MIT
"""The metrics and dimensions of https://docs.aws.amazon.com/timestream/latest/developerguide/metrics-dimensions.html"""

from typing import Any

import pytest

from localaws.errors import ValidationException
from localaws.metrics import Metered

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


def test_a_query_names_no_table() -> None:
    metrics = recorded({"Rows": []}, "Query", {"QueryString": "SELECT 1"})
    assert list(metrics) == ["SuccessfulRequestLatency"]
    assert metrics["SuccessfulRequestLatency"][2] == {"Operation": "Query"}


@pytest.mark.parametrize(
    ("error", "metric"), [(ValidationException("no"), "UserErrors"), (KeyError("oops"), "SystemErrors")]
)
def test_errors_are_counted_as_whose_they_are(error: Exception, metric: str) -> None:
    assert recorded(error, "Query", {}) == {metric: (1, "Count", {"Operation": "Query"})}
