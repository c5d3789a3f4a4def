# SPDX-License-Identifier: MIT
"""What Timestream and queues report to CloudWatch.

AWS/Timestream, with each call, and of what the dimensions beside Operation are:

    SuccessfulRequestLatency            ms     DatabaseName and TableName, where the call names them
    UserErrors, SystemErrors            1
    NumberOfRecords                     1
    MagneticStorePendingRecordsLatency  ms     DatabaseName, TableName; of writes to that store; 0
    ActiveMagneticStorePartitions       1      DatabaseName; of writes to that store
    CumulativeBytesMetered              bytes  of queries; of writes it comes from `timestream.counts`
    ResourceCount                       TCU    of queries: Service, Resource, Type and Class, and no Operation

and each quarter of an hour, with Operation=Storage, Memory- and MagneticCumulativeBytesMetered. What happens
beside calls comes from `timestream.counts` too.

Sources: https://docs.aws.amazon.com/timestream/latest/developerguide/metrics-dimensions.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from localaws.errors import AwsError
from localaws.wire import Service

MINUTE = 60
QUARTER = 15 * MINUTE
LONGEST = 24 * 60 * MINUTE
NANOSECONDS = 10**9

NAMES = ("DatabaseName", "TableName")
QUERY_UNITS = {"Service": "Timestream", "Resource": "QueryTCU", "Type": "Resource", "Class": "OnDemand"}
LEAST_UNITS = 4
"""Of compute (TCU), what AWS gives a query at least."""


Record = Callable[[str, float, str, dict[str, str]], None]
"""Takes a metric's name, a value, its unit and the dimensions."""


class Metered:
    """A Timestream that reports each of its calls."""

    def __init__(self, service: Service, record: Record) -> None:
        self._service = service
        self._record = record

    def call(self, operation: str, request: dict[str, Any], endpoint: str) -> dict[str, Any]:
        """Call the service."""
        dimensions = {"Operation": operation}
        started = time.perf_counter()
        try:
            response = self._service.call(operation, request, endpoint)
        except AwsError:
            self._record("UserErrors", 1, "Count", dimensions)
            raise
        except Exception:
            self._record("SystemErrors", 1, "Count", dimensions)
            raise
        milliseconds = (time.perf_counter() - started) * 1000
        named = {name: request[name] for name in NAMES if name in request}
        self._record("SuccessfulRequestLatency", milliseconds, "Milliseconds", dimensions | named)
        if operation == "WriteRecords":
            self._written(response["RecordsIngested"], dimensions | named)
        if operation == "Query" and "NextToken" not in response:  # the last page has the whole
            metered = response["QueryStatus"]["CumulativeBytesMetered"]
            self._record("CumulativeBytesMetered", metered, "Bytes", dimensions)
            self._record("ResourceCount", LEAST_UNITS, "None", QUERY_UNITS)
        return response

    def _written(self, ingested: dict[str, int], dimensions: dict[str, str]) -> None:
        """Report what a write stored; in the magnetic store it can be queried at once."""
        of_operation = {"Operation": dimensions["Operation"]}
        self._record("NumberOfRecords", ingested["Total"], "Count", of_operation)
        if ingested.get("MagneticStore"):
            of_database = of_operation | {"DatabaseName": dimensions["DatabaseName"]}
            self._record("MagneticStorePendingRecordsLatency", 0, "Milliseconds", dimensions)
            self._record("ActiveMagneticStorePartitions", 1, "Count", of_database)


class Gauge(NamedTuple):
    """The value that a metric has at the moment, in an account and region."""

    account: str
    region: str
    namespace: str
    name: str
    value: float
    unit: str
    dimensions: dict[str, str]


class Gauges:
    """Reads gauges at the end of each interval; if the clock was moved on, of each that passed with that.

    :param clock: tells the time in nanoseconds since 1970.
    :param read: the gauges as they are.
    :param record: takes a gauge, and the second since 1970 at which its interval began.
    :param seconds: how long an interval is.
    """

    def __init__(
        self,
        clock: Callable[[], int],
        read: Callable[[], Iterable[Gauge]],
        record: Callable[[Gauge, float], None],
        seconds: int,
    ) -> None:
        self._clock = clock
        self._read = read
        self._record = record
        self._seconds = seconds
        self._over: int | None = None

    def work(self) -> None:
        """Read them if an interval is over."""
        now = self._clock() // NANOSECONDS // self._seconds * self._seconds
        before, self._over = self._over, now
        if before is None or now <= before:
            return
        gauges = list(self._read())
        for begin in range(max(before, now - LONGEST), now, self._seconds):
            for gauge in gauges:
                self._record(gauge, begin)


def of_queue(
    account: str, region: str, queue: str, messages: Iterable[tuple[float, float, bool]]
) -> list[Gauge]:
    """The gauges of a queue.

    :param messages: of each the age in seconds, how long it can't be received yet, and whether it was before.
    """
    known = list(messages)
    visible = [age for age, hidden, _ in known if hidden <= 0]
    in_flight = sum(hidden > 0 and received for _, hidden, received in known)
    values = {
        "ApproximateNumberOfMessagesVisible": (len(visible), "Count"),
        "ApproximateNumberOfMessagesNotVisible": (in_flight, "Count"),
        "ApproximateNumberOfMessagesDelayed": (len(known) - len(visible) - in_flight, "Count"),
        "ApproximateAgeOfOldestMessage": (max((age for age, _, _ in known), default=0), "Seconds"),
    }
    named = {"QueueName": queue}
    return [
        Gauge(account, region, "AWS/SQS", name, value, unit, named) for name, (value, unit) in values.items()
    ]


def of_storage(account: str, region: str, memory: int, magnetic: int) -> list[Gauge]:
    """The gauges of a Timestream, of the bytes in its stores."""
    values = {"MemoryCumulativeBytesMetered": memory, "MagneticCumulativeBytesMetered": magnetic}
    named = {"Operation": "Storage"}
    return [
        Gauge(account, region, "AWS/Timestream", name, value, "Bytes", named)
        for name, value in values.items()
    ]
