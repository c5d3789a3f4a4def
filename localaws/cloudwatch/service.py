# SPDX-License-Identifier: MIT
"""CloudWatch as one account sees it in one region, behind `CloudWatch.call`.

It knows no HTTP. An operation of the model that isn't implemented is refused by name.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from localaws.account import Account
from localaws.cloudwatch import notices
from localaws.cloudwatch.alarms import ACTIONS, Alarms
from localaws.cloudwatch.configuration import Configuration
from localaws.cloudwatch.dashboards import Dashboards
from localaws.cloudwatch.data import Data
from localaws.cloudwatch.errors import ValidationError
from localaws.cloudwatch.history import History
from localaws.cloudwatch.metrics import HOUR, Metric, Metrics
from localaws.cloudwatch.states import Notice, States
from localaws.cloudwatch.statistics import Summary
from localaws.cloudwatch.tags import Tags
from localaws.cloudwatch.watch import Watch
from localaws.constraints import Check, check_for, sentence
from localaws.documents import Documents
from localaws.errors import UnknownOperationException

FLUSH_SECONDS = 1
NANOSECONDS = 10**9

Document = dict[str, Any]
Operation = Callable[[Document], Document | None]
log = logging.getLogger(__name__)


class CloudWatch:
    """The service.

    :param account: 12 digits.
    :param clock: tells the time in nanoseconds since 1970.
    :param folder: where its state is kept; without one, in memory.
    :param client: a boto3 client of another service (sns) of the same account and region, by its name.
    :ivar alarms: the alarms, for those who look them up without a request.
    :ivar tags: the tags, for those who may set AWS's own.
    """

    def __init__(
        self,
        account: str,
        region: str,
        clock: Callable[[], int],
        folder: Path | None,
        client: Callable[[str], Any],
    ) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._account = Account(account, region)
        self._clock = clock
        self._client = client
        self._lock = threading.RLock()
        self._flushed = self._aged = 0.0
        self._documents = documents = Documents(folder and folder / "documents.sqlite")
        self._metrics = metrics = Metrics(folder and folder / "metrics.sqlite")
        self._history = history = History(documents)
        self.alarms = alarms = Alarms(self._account, documents)
        self._states = states = States(alarms, history, documents)
        self._watch = watch = Watch(alarms, states, metrics)
        self.tags = tags = Tags(documents)
        configuration = Configuration(alarms, states, history, tags, watch)
        dashboards = Dashboards(self._account, documents, tags)
        data = Data(metrics, self._now)
        self._of_alarms: dict[str, Operation] = {
            "DeleteAlarms": lambda request: configuration.delete_alarms(request, self._now()),
            "DeleteDashboards": dashboards.delete_dashboards,
            "DescribeAlarmHistory": history.describe_alarm_history,
            "DescribeAlarms": alarms.describe_alarms,
            "DescribeAlarmsForMetric": alarms.describe_alarms_for_metric,
            "DisableAlarmActions": lambda request: configuration.enable_actions(request, enabled=False),
            "EnableAlarmActions": lambda request: configuration.enable_actions(request, enabled=True),
            "GetDashboard": dashboards.get_dashboard,
            "ListDashboards": dashboards.list_dashboards,
            "ListTagsForResource": tags.list_tags_for_resource,
            "PutCompositeAlarm": lambda request: configuration.put_composite_alarm(request, self._now()),
            "PutDashboard": lambda request: dashboards.put_dashboard(request, self._now()),
            "PutMetricAlarm": lambda request: configuration.put_metric_alarm(request, self._now()),
            "SetAlarmState": lambda request: states.set_alarm_state(request, self._now()),
            "TagResource": tags.tag_resource,
            "UntagResource": tags.untag_resource,
        }
        self._of_data: dict[str, Operation] = {
            "GetMetricData": data.get_metric_data,
            "GetMetricStatistics": data.get_metric_statistics,
            "ListMetrics": data.list_metrics,
            "PutMetricData": data.put_metric_data,
        }

    def call(self, operation: str, request: Document) -> Document:
        """Answer a request; times are in seconds since 1970.

        :raises AwsError: the request is refused, or the operation isn't there.
        """
        if operation not in self._of_alarms | self._of_data:
            raise UnknownOperationException(
                f"The embedded CloudWatch does not have the operation {operation}."
            )
        faults = list(_check(operation)(request))
        if faults:
            raise ValidationError(sentence(faults))
        if operation in self._of_data:
            return self._of_data[operation](request) or {}
        with self._lock:
            response = self._of_alarms[operation](request) or {}
        self._notify()
        return response

    def record(
        self,
        namespace: str,
        name: str,
        value: float,
        unit: str = "None",
        dimensions: dict[str, str] | None = None,
        at: float | None = None,
    ) -> None:
        """Count a value of a metric, of now or of a time in seconds since 1970."""
        metric = Metric.of(namespace, name, dimensions or {})
        self._metrics.put(metric, self._now() if at is None else at, unit, Summary.of(float(value)))

    def first_alarm(self, name: str, start: float, end: float) -> float | None:
        """When, between two times, an alarm was in ALARM first; None if it was not."""
        with self._lock:
            return self._history.first_alarm(name, start, end)

    def work(self) -> None:
        """Evaluate the alarms that are due, and keep the metrics in order."""
        now = self._now()
        with self._lock:
            self._watch.work(now)
        self._notify()
        if now >= self._flushed + FLUSH_SECONDS:
            self._flushed = now
            self._metrics.flush()
        if now >= self._aged + HOUR:
            self._aged = now
            self._metrics.age(now)
            with self._lock:
                self._history.forget(now)

    def close(self) -> None:
        """Let go of the state, which stays in its folder."""
        self._metrics.close()
        self._documents.close()

    def _now(self) -> float:
        return self._clock() / NANOSECONDS

    def _notify(self) -> None:
        """Take the actions that are due. The alarms are not locked: who is told may ask about them."""
        with self._lock:
            due, self._states.outbox = self._states.outbox, []
        for notice in due:
            for arn in notice.alarm[ACTIONS[notice.alarm["StateValue"]]]:
                self._take(arn, notice)

    def _take(self, arn: str, notice: Notice) -> None:
        message = notices.message(notice.alarm, notice.old, self._account)
        error = None
        try:
            if arn.split(":")[2] != "sns":
                raise NotImplementedError("the embedded CloudWatch takes only actions of SNS")  # noqa: TRY301
            subject = notices.subject(notice.alarm, self._account)
            self._client("sns").publish(TopicArn=arn, Subject=subject, Message=message)
        except Exception as failure:
            error = str(failure)
            log.warning("%s: the action %s failed: %s", notice.alarm["AlarmName"], arn, failure)
        with self._lock:
            self._history.acted(notice.alarm, arn, message, error, self._now())


@cache
def model() -> ServiceModel:
    """The service model."""
    return ServiceModel(Loader().load_service_model("cloudwatch", "service-2"), "cloudwatch")


@cache
def _check(operation: str) -> Check:
    return check_for(model().operation_model(operation).input_shape)


def members_of(operation: str) -> list[str]:
    """The members that requests of an operation have."""
    shape = model().operation_model(operation).input_shape
    return list(shape.members) if shape else []
