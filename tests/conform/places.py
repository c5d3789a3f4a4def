# SPDX-License-Identifier: MIT
"""Where the suite runs: the embedded AWS, or an account, and there in a database of its own."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.playbooks import ROOT

COST = """\
This runs the conformance suite with your AWS credentials ({who}) in {region}. In Timestream it
makes the database {database} with tables and a scheduled query, beside it a bucket, a topic and a
role, and deletes them all at its end. It writes some hundred records and asks hundreds of small queries.
By the prices of us-east-1 that is far below one cent for writes and storage, and for queries at
most 4 TCUs for a quarter of an hour: 0.52 USD."""

PATIENCE_SECONDS = 60
RETRIES: Any = {"mode": "standard", "total_max_attempts": 10}  # AWS has 1 change a second


@dataclass
class Place:
    """An AWS, and what the suite has made there.

    :ivar endpoint: of the embedded AWS; None for a real account.
    """

    session: boto3.Session
    endpoint: str | None = None
    database: str = field(default_factory=lambda: f"conform-{secrets.token_hex(4)}")

    def client(self, service: str) -> Any:
        """A client that lets every request through as it is, so that the service is what refuses it."""
        config = Config(parameter_validation=False, retries=RETRIES)
        return self.session.client(service, endpoint_url=self.endpoint, config=config)  # type: ignore[call-overload]

    @cached_property
    def write(self) -> Any:
        """The client for writes."""
        return self.client("timestream-write")

    @cached_property
    def query(self) -> Any:
        """The client for queries."""
        return self.client("timestream-query")

    @cached_property
    def account(self) -> str:
        """The account's number."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def cost(self) -> str:
        """What is done, and what it costs; nothing is called for it."""
        return COST.format(
            who=os.environ.get("AWS_PROFILE") or os.environ.get("AWS_ACCESS_KEY_ID") or "the default ones",
            region=self.session.region_name,
            database=self.database,
        )

    def table(self, **properties: Any) -> Table:
        """A new table."""
        name = f"table-{secrets.token_hex(4)}"
        self.write.create_table(DatabaseName=self.database, TableName=name, **properties)
        return Table(self, name)

    def ask(self, statement: str, **more: Any) -> dict[str, Any]:
        """A query's whole answer, its pages in one."""
        answer: dict[str, Any] = self.query.query(QueryString=statement, **more)
        while "NextToken" in answer:
            following = self.query.query(QueryString=statement, NextToken=answer.pop("NextToken"), **more)
            answer = following | {"Rows": answer["Rows"] + following["Rows"]}
        return answer


@dataclass(frozen=True)
class Table:
    """A table of the suite's."""

    place: Place
    name: str

    @property
    def names(self) -> dict[str, str]:
        """As requests name it."""
        return {"DatabaseName": self.place.database, "TableName": self.name}

    @property
    def sql(self) -> str:
        """As statements name it."""
        return f'"{self.place.database}"."{self.name}"'

    def write(self, *records: dict[str, Any], **common: Any) -> dict[str, Any]:
        """Write records; what was ingested."""
        more = {"CommonAttributes": common} if common else {}
        answer = self.place.write.write_records(**self.names, Records=list(records), **more)
        ingested: dict[str, Any] = answer["RecordsIngested"]
        return ingested

    def rejected(self, *records: dict[str, Any], **common: Any) -> list[dict[str, Any]]:
        """Write records, of which some are rejected; those."""
        try:
            self.write(*records, **common)
        except self.place.write.exceptions.RejectedRecordsException as error:
            found: list[dict[str, Any]] = error.response["RejectedRecords"]
            return found
        return []

    def rows(self, columns: str, wanted: int) -> list[list[str | None]]:
        """Columns of the table by time, once it has so many rows: reads lag behind writes."""
        statement = f"SELECT {columns} FROM {self.sql} ORDER BY time"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            rows = self.place.ask(statement)["Rows"]
            if len(rows) == wanted or time.monotonic() > deadline:
                return [[datum.get("ScalarValue") for datum in row["Data"]] for row in rows]


def record(measure: str = "temperature", value: str = "21.5", **more: Any) -> dict[str, Any]:
    """A record of now."""
    return {
        "Dimensions": [{"Name": "device_id", "Value": "d1"}],
        "MeasureName": measure,
        "MeasureValue": value,
        "Time": str(now_ms()),
        **more,
    }


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 10**6


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    """The error that a call is refused with: its code and its message; of a call that passes, neither."""
    try:
        call(**request)
    except ClientError as error:
        return str(error.response["Error"]["Code"]), str(error.response["Error"]["Message"])
    return "", ""


def region(env: str) -> str:
    """The region of an environment's first site."""
    inventory = yaml.safe_load((ROOT / "inventory.yml").read_text())
    site = next(iter(inventory["all"]["children"][env]["hosts"].values()))
    return str(site["aws_region"])


@contextmanager
def inhabited(place: Place) -> Iterator[Place]:
    """The place with the suite's database in it, and afterwards without."""
    place.write.create_database(DatabaseName=place.database)
    try:
        yield place
    finally:
        # Other tests may have emptied the embedded AWS meanwhile
        with suppress(place.write.exceptions.ResourceNotFoundException):
            while tables := place.write.list_tables(DatabaseName=place.database)["Tables"]:
                for table in tables:
                    place.write.delete_table(DatabaseName=place.database, TableName=table["TableName"])
            place.write.delete_database(DatabaseName=place.database)


def write_report(file: Path, place: Place, passed: list[str], differ: dict[str, str]) -> None:
    """The suite's outcome as a page.

    :param passed: the cases in which the account does as the embedded AWS.
    :param differ: those in which it doesn't, and what it does.
    """
    lines = [
        f"# Conformance of account {place.account}, {place.session.region_name}",
        "",
        f"{time.strftime('%Y-%m-%d %H:%M:%SZ', time.gmtime())}: "
        f"{len(passed)} cases are as on the embedded AWS, {len(differ)} differ.",
    ]
    for case, difference in differ.items():
        lines += ["", f"## {case}", "", *(f"    {line}" for line in difference.splitlines())]
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(lines) + "\n")
