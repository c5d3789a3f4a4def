# SPDX-License-Identifier: MIT
"""The scheduled queries of one account and region: created, described, run when they are due.

Each due invocation runs once, in order, one at a time; as each is noted when it has run, one that the end of
the process cuts off runs again. Of what came due while there was no process, the last day is made up for.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/scheduledqueries-concepts.html and
https://docs.aws.amazon.com/timestream/latest/developerguide/API_Operations_Amazon_Timestream_Query.html; that
names are unique, .../AWSCloudFormation/latest/UserGuide/aws-resource-timestream-scheduledquery.html. (The
execution role is not assumed, nor are its rights looked at.)
"""

from __future__ import annotations

import copy
import secrets
import threading
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from localaws.account import Account
from localaws.documents import Documents
from localaws.errors import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from localaws.timestream import listing
from localaws.timestream.kms import Kms
from localaws.timestream.schedules import expressions, notifications
from localaws.timestream.schedules.notifications import Notifications, run_summary
from localaws.timestream.schedules.runs import Outcome, Run, Runner
from localaws.timestream.tags import Tags

KIND = "scheduled_query"
QUERIES = 10_000
TOKEN_SECONDS = 8 * 3600
FAILED_RUNS = 5
INSIGHTS = "ENABLED_WITH_RATE_CONTROL"
MADE_UP_SECONDS = 24 * 3600

REQUESTED = (
    "Name",
    "QueryString",
    "ScheduleConfiguration",
    "NotificationConfiguration",
    "TargetConfiguration",
    "ScheduledQueryExecutionRoleArn",
    "KmsKeyId",
    "ErrorReportConfiguration",
)
"""What is described as it was requested."""

Document = dict[str, Any]


class _Due(NamedTuple):
    """What is to run. Times are in seconds since 1970."""

    since: float
    query: Document
    invocation: float
    manual: bool
    insights: bool


class ScheduledQueries:
    """The scheduled queries; the public methods named like operations answer them."""

    def __init__(
        self,
        account: Account,
        clock: Callable[[], int],
        documents: Documents,
        tags: Tags,
        kms: Kms,
        runner: Runner,
        notifications: Notifications,
    ) -> None:
        self._account = account
        self._clock = clock
        self._documents = documents
        self._tags = tags
        self._kms = kms
        self._runner = runner
        self._notifications = notifications
        self._lock = threading.RLock()
        self._closed = False
        self._queries: dict[str, Document] = documents.all(KIND)
        for query in self._queries.values():
            self._skip(query["Description"])

    # Operations

    def create_scheduled_query(self, request: Document) -> Document:
        """CreateScheduledQuery."""
        request = self._kms.resolved(request)
        content = {name: value for name, value in request.items() if name != "ClientToken"}
        with self._lock:
            if existing := self._of_token(request.get("ClientToken"), content):
                return {"Arn": existing}
            self._require_place(request["Name"])
        arn = self._account.arn(f"scheduled-query/{request['Name']}-{secrets.token_hex(6)}")
        now = self._now()
        description = {
            "Arn": arn,
            **{name: request[name] for name in REQUESTED if request.get(name) is not None},
            "CreationTime": now,
            "State": "ENABLED",
            "RecentlyFailedRuns": [],
        }
        self._schedule(description, now)
        if "NextInvocationTime" not in description:
            raise ValidationException("The ScheduleExpression names no time that is still to come.")
        self._runner.require(request)
        self._notifications.require(description)
        with self._lock:
            if existing := self._of_token(request.get("ClientToken"), content):
                return {"Arn": existing}
            self._require_place(request["Name"])
            self._tags.put(arn, request.get("Tags") or [])
            self._keep(
                {
                    "Description": description,
                    "Token": request.get("ClientToken"),
                    "Request": content,
                    "Manual": [],
                    "Version": 0,
                }
            )
        return {"Arn": arn}

    def describe_scheduled_query(self, request: Document) -> Document:
        """DescribeScheduledQuery."""
        with self._lock:
            return {"ScheduledQuery": copy.deepcopy(self._query(request)["Description"])}

    def execute_scheduled_query(self, request: Document) -> Document:
        """ExecuteScheduledQuery: to be run as soon as its turn comes."""
        with self._lock:
            query = self._query(request)
            query["Manual"].append(
                {
                    "Requested": self._now(),
                    "InvocationTime": float(request["InvocationTime"]),
                    "Insights": (request.get("QueryInsights") or {}).get("Mode") == INSIGHTS,
                }
            )
            self._keep(query)
        return {}

    def list_scheduled_queries(self, request: Document) -> Document:
        """ListScheduledQueries, by ARN."""
        with self._lock:
            named = [(arn, _listed(query["Description"])) for arn, query in self._queries.items()]
        return listing.page("ScheduledQueries", named, request)

    def update_scheduled_query(self, request: Document) -> Document:
        """UpdateScheduledQuery: goes on with its schedule, or stops."""
        with self._lock:
            query = self._query(request)
            self._switch(query["Description"], request["State"])
            self._keep(query)
            description = copy.deepcopy(query["Description"])
        self._notifications.send(notifications.UPDATE, description, state=description["State"])
        return {}

    def delete_scheduled_query(self, request: Document) -> Document:
        """DeleteScheduledQuery."""
        with self._lock:
            description = self._query(request)["Description"]
            arn = description["Arn"]
            del self._queries[arn]
            self._documents.delete(KIND, arn)
            self._tags.drop(arn)
        self._notifications.send(notifications.DELETED, description)
        return {}

    # Their work

    def work(self) -> None:
        """Run what is due, in the order in which it came due."""
        while due := self._due():
            self._run(due)

    def close(self) -> None:
        """Let go of the state: after this nothing is noted any more."""
        with self._lock:
            self._closed = True

    def _due(self) -> _Due | None:
        with self._lock:
            return None if self._closed else min(self._waiting(), key=attrgetter("since"), default=None)

    def _waiting(self) -> Iterator[_Due]:
        now = self._now()
        for query in self._queries.values():
            following = query["Description"].get("NextInvocationTime")
            if following is not None and following <= now:
                yield _Due(following, query, following, manual=False, insights=False)
            for each in query["Manual"][:1]:
                yield _Due(
                    each["Requested"], query, each["InvocationTime"], manual=True, insights=each["Insights"]
                )

    def _run(self, due: _Due) -> None:
        with self._lock:
            due.query["Version"] = max(due.query["Version"] + 1, round(self._now() * 1000))
            description = copy.deepcopy(due.query["Description"])
        version = due.query["Version"]
        outcome = self._runner.run(Run(description, due.invocation, due.manual, due.insights, version))
        with self._lock:
            if self._closed or description["Arn"] not in self._queries:
                return
            disabled = self._note(due, outcome)
            description = copy.deepcopy(due.query["Description"])
        self._notify(description, outcome.summary)
        if disabled:
            self._notifications.send(notifications.UPDATE, description, state=description["State"])

    def _note(self, due: _Due, outcome: Outcome) -> bool:
        """Keep what came of a run; whether that disabled the scheduled query."""
        query, summary = due.query, outcome.summary
        description = query["Description"]
        description["PreviousInvocationTime"] = due.invocation
        description["LastRunSummary"] = summary
        if "FailureReason" in summary:
            description["RecentlyFailedRuns"] = [summary, *description["RecentlyFailedRuns"]][:FAILED_RUNS]
        if due.manual:
            del query["Manual"][0]
        elif description.get("NextInvocationTime") == due.invocation:  # else it was switched meanwhile
            self._schedule(description, due.invocation)
        disabled = not outcome.recoverable and description["State"] == "ENABLED"
        if disabled:
            self._switch(description, "DISABLED")
        self._keep(query)
        return disabled

    def _notify(self, description: Document, summary: Document) -> None:
        more: Document = {}
        if "FailureReason" not in summary and "NextInvocationTime" in description:
            more["nextInvocationEpochSecond"] = int(description["NextInvocationTime"])
        more["scheduledQueryRunSummary"] = run_summary(summary)
        self._notifications.send(summary["RunStatus"], description, **more)

    def _switch(self, description: Document, state: str) -> None:
        if state == "DISABLED":
            description.pop("NextInvocationTime", None)
        elif description["State"] == "DISABLED":
            self._schedule(description, self._now())
        description["State"] = state

    def _schedule(self, description: Document, after: float) -> None:
        """Set the next invocation to the first after a time, if there is one."""
        schedule = expressions.parse(description["ScheduleConfiguration"]["ScheduleExpression"])
        following = schedule.after(after, int(description["CreationTime"]))
        description.pop("NextInvocationTime", None)
        if following is not None:
            description["NextInvocationTime"] = float(following)

    def _skip(self, description: Document) -> None:
        """Leave out what came due too long before now."""
        longest = self._now() - MADE_UP_SECONDS
        if description.get("NextInvocationTime", longest) < longest:
            self._schedule(description, longest)

    # What a request asks for

    def _of_token(self, token: str | None, content: Document) -> str | None:
        """The scheduled query that was created with a token.

        :raises ConflictException: by another request.
        """
        for arn, query in self._queries.items():
            recent = query["Description"]["CreationTime"] > self._now() - TOKEN_SECONDS
            if token is not None and token == query["Token"] and recent:
                if query["Request"] != content:
                    raise ConflictException("The ClientToken was already used with other parameters.")
                return arn
        return None

    def _require_place(self, name: str) -> None:
        """Refuse a name that is taken, and one scheduled query too many."""
        if any(query["Description"]["Name"] == name for query in self._queries.values()):
            raise ConflictException(f"A scheduled query with the name {name} already exists.")
        if len(self._queries) >= QUERIES:
            raise ServiceQuotaExceededException(
                f"An account can't have more than {QUERIES} scheduled queries."
            )

    def _query(self, request: Document) -> Document:
        arn = request["ScheduledQueryArn"]
        try:
            return self._queries[arn]
        except KeyError:
            raise ResourceNotFoundException(
                f"The scheduled query {arn} does not exist.", ScheduledQueryArn=arn
            ) from None

    def _keep(self, query: Document) -> None:
        arn = query["Description"]["Arn"]
        self._queries[arn] = query
        self._documents.put(KIND, arn, query)

    def _now(self) -> float:
        return self._clock() // 10**6 / 1000


def _listed(description: Document) -> Document:
    """A scheduled query as ListScheduledQueries shows it."""
    same = (
        "Arn",
        "Name",
        "CreationTime",
        "State",
        "PreviousInvocationTime",
        "NextInvocationTime",
        "ErrorReportConfiguration",
    )
    listed = {name: description[name] for name in same if name in description}
    if "LastRunSummary" in description:
        listed["LastRunStatus"] = description["LastRunSummary"]["RunStatus"]
    if "TargetConfiguration" in description:
        target = description["TargetConfiguration"]["TimestreamConfiguration"]
        names = {name: target[name] for name in ("DatabaseName", "TableName")}
        listed["TargetDestination"] = {"TimestreamDestination": names}
    return listed
