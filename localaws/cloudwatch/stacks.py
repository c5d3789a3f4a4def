# SPDX-License-Identifier: MIT
"""Alarms and dashboards as CloudFormation makes them for a stack.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_CloudWatch.html
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from localaws.cloudwatch.service import CloudWatch, members_of
from localaws.errors import AwsError

Document = dict[str, Any]


class Stacks:
    """What CloudFormation asks for.

    :param asked: the CloudWatch that is to answer a request; operation and request are given.
    """

    def __init__(self, asked: Callable[[str, Document], CloudWatch]) -> None:
        self._asked = asked

    def put_alarm(self, alarm: Document) -> None:
        """Make or change an alarm, which comes as it is described."""
        members = members_of("PutMetricAlarm")
        self._ask(
            "PutMetricAlarm", **{name: alarm[name] for name in members if alarm.get(name) not in (None, "")}
        )

    def delete_alarm(self, name: str, refuse_dependents: bool = False) -> None:
        """Delete an alarm; ValueError fails the deletion of its stack."""
        try:
            self._ask("DeleteAlarms", AlarmNames=[name])
        except AwsError as error:
            if refuse_dependents:
                raise ValueError(error.message) from error

    def tag_alarm(self, name: str, tags: list[dict[str, str]]) -> None:
        """Give an alarm the tags of its template and those that CloudFormation adds, and no others."""
        cloudwatch = self._asked("", {})
        cloudwatch.tags.replace(cloudwatch.alarms.arn(name), tags)

    def put_dashboard(self, name: str, body: str) -> str:
        """Make or change a dashboard; its ARN."""
        self._ask("PutDashboard", DashboardName=name, DashboardBody=body)
        arn: str = self._ask("GetDashboard", DashboardName=name)["DashboardArn"]
        return arn

    def delete_dashboard(self, name: str) -> None:
        """Delete a dashboard, if it is there."""
        with suppress(AwsError):
            self._ask("DeleteDashboards", DashboardNames=[name])

    def _ask(self, operation: str, **request: Any) -> Document:
        return self._asked(operation, request).call(operation, request)


class Alarms(dict[str, Any]):
    """The alarms of the account and region that are called, as CloudFormation looks them up."""

    def __init__(self, here: Callable[[], CloudWatch]) -> None:
        super().__init__()
        self._here = here

    def __contains__(self, name: object) -> bool:
        return self._here().alarms.get(str(name)) is not None

    def __getitem__(self, name: str) -> Any:
        return self._here().alarms.named(name)
