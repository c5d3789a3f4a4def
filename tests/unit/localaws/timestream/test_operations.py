# SPDX-License-Identifier: MIT
"""Every operation of both service models works, or is refused by a named error: see operations.yml."""

from __future__ import annotations

import time
from typing import Any

import pytest

from docs.generate import Operation, operations
from localaws.errors import AwsError
from localaws.timestream.service import Timestream
from tests.unit.localaws.timestream.conftest import MODELS, Clock, assert_fits
from tests.unit.localaws.timestream.memory_kms import MemoryKms
from tests.unit.localaws.timestream.memory_s3 import MemoryS3, refusal
from tests.unit.localaws.timestream.memory_sns import MemorySns

TOPIC = "arn:aws:sns:us-east-1:000000000000:scheduled"
DEADLINE_SECONDS = 30

OPERATIONS = operations()


class Walk:
    """The operations called one after the other."""

    def __init__(self) -> None:
        self.s3 = MemoryS3(
            {
                "source": {"plant/readings.csv": b"time,device_id,temperature\n1767225602,d2,23.5\n"},
                "reports": {},
                "rejected": {},
            }
        )
        beside = {"s3": self.s3, "kms": MemoryKms(), "sns": MemorySns({TOPIC: []})}
        self.service = Timestream("000000000000", "us-east-1", Clock(), client=beside.__getitem__)
        self.outcomes: dict[str, dict[str, Any] | AwsError] = {}
        self._answered: dict[str, str] = {}

    def call(self, operation: Operation) -> None:
        """Call an operation, and remember what it answers."""
        prepare = {"ListBatchLoadTasks": self._stop_batch_load}.get(operation.operation)
        if prepare:
            prepare()
        request = self._filled(operation.request)
        try:
            answer = self.service.call(operation.operation, request, "http://127.0.0.1:4566")
        except AwsError as error:
            self.outcomes[operation.operation] = error
            return
        self.outcomes[operation.operation] = answer
        self._answered |= {name: value for name, value in answer.items() if isinstance(value, str)}

    def _filled(self, value: Any) -> Any:
        """A request with what was answered before in the place of {Name}."""
        match value:
            case dict():
                return {name: self._filled(item) for name, item in value.items()}
            case list():
                return [self._filled(item) for item in value]
            case str() if value.startswith("{"):
                return self._answered[value.strip("{}")]
        return value

    def _stop_batch_load(self) -> None:
        """Have S3 fail the task, which stops it."""
        self.s3.failure = refusal("ServiceUnavailable", 503)
        task = {"TaskId": self._answered["TaskId"]}
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            self.service.work()
            description = self.service.call("DescribeBatchLoadTask", task, "")["BatchLoadTaskDescription"]
            if description["TaskStatus"] == "PROGRESS_STOPPED":
                break
        self.s3.failure = None


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Any] | AwsError]:
    """What each operation answered, or was refused with."""
    walk = Walk()
    for operation in OPERATIONS:
        walk.call(operation)
    walk.service.close()
    return walk.outcomes


def test_every_operation_of_both_models_is_listed_once() -> None:
    listed = sorted(operation.operation for operation in OPERATIONS)
    assert listed == sorted({name for model in MODELS for name in model.operation_names})


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation)
def test_the_operation_does_what_is_said_of_it(
    outcomes: dict[str, dict[str, Any] | AwsError], operation: Operation
) -> None:
    outcome = outcomes[operation.operation]
    if isinstance(outcome, AwsError):
        assert outcome.code == operation.refused, outcome.message
        assert operation.operation in outcome.message
        return
    assert not operation.refused
    for model in (each for each in MODELS if operation.operation in each.operation_names):
        shape = model.operation_model(operation.operation).output_shape
        if shape is None:
            assert outcome == {}
        else:
            assert_fits(outcome, shape, operation.operation)
