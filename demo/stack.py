# SPDX-License-Identifier: MIT
"""The deployed stack: what `deploy.yml` wrote about it, and clients to call it with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config

from localaws import settings

Client = Any  # boto3's clients get their methods at run time
WORKERS = 8
CONFIG: dict[str, Any] = {
    "connect_timeout": 5,
    "read_timeout": 120,  # an invocation may take its function's whole time-out
    "max_pool_connections": WORKERS,
    "retries": {"mode": "standard", "total_max_attempts": 4},
}


class StackError(Exception):
    """There is no stack to talk to, or not one for this; the message is for the user."""


@dataclass(frozen=True)
class Stack:
    """A stack's outputs, and `client`, which answers with the client of a service.

    :ivar outputs: what `deploy.yml` wrote to `outputs/HOST.json`.
    """

    outputs: Mapping[str, Any] = field(repr=False)
    client: Callable[[str], Client] = field(repr=False)

    @property
    def database(self) -> str:
        """The name of its database."""
        return str(self.outputs["database"])

    @property
    def table(self) -> str:
        """The name of its table."""
        return str(self.outputs["table"])

    @property
    def rollup_table(self) -> str:
        """The name of the table of hourly means."""
        return str(self.outputs["rollup_table"])

    @property
    def name(self) -> str:
        """Project and environment."""
        return f"{self.outputs['project']}-{self.outputs['environment']}"

    @cached_property
    def memory_store(self) -> timedelta:
        """How long its table keeps readings in the memory store."""
        writer = self.client("timestream-write")
        table = writer.describe_table(DatabaseName=self.database, TableName=self.table)["Table"]
        return timedelta(hours=table["RetentionProperties"]["MemoryStoreRetentionPeriodInHours"])

    def require(self, measures: list[str]) -> None:
        """StackError unless the stack stores these measures, in the shape that the questions ask for."""
        if self.outputs["record_model"] != "single":
            raise StackError(
                "the questions in files/queries ask for timestream_record_model=single; deploy that"
            )
        if missing := [name for name in measures if name not in self.outputs["measures"]]:
            setting = json.dumps({"measures": measures})
            raise StackError(
                f"the direct rule has no {', '.join(missing)}: run ansible-playbook deploy.yml -e '{setting}'"
            )
        if sorted(self.outputs["dimensions"]) != ["device_id", "location"]:
            raise StackError(
                "the demo's messages have the dimensions device_id and location, the stack has others"
            )


def load(path: Path) -> Stack:
    """The stack whose outputs lie in a file."""
    try:
        outputs = json.loads(path.read_text())
    except FileNotFoundError:
        raise StackError(f"no {path}: run ansible-playbook deploy.yml first") from None
    except ValueError as error:
        raise StackError(f"{path} is not JSON: {error}") from error
    local = outputs["environment"] == "local"
    return Stack(
        outputs, local_clients(outputs["endpoint_url"]) if local else account_clients(outputs["region"])
    )


def account_clients(region: str) -> Callable[[str], Client]:
    """Clients of the account whose credentials are in use."""
    session = boto3.Session(region_name=region)
    return lru_cache(lambda service: session.client(service, config=Config(**CONFIG)))


def local_clients(endpoint: str) -> Callable[[str], Client]:
    """Clients of the embedded AWS, whatever profile, credentials or proxy the user has."""
    if urlsplit(endpoint).hostname not in ("127.0.0.1", "localhost"):
        raise StackError(
            f"the stack's endpoint_url is {endpoint}; a local stack's is an address of this machine"
        )
    no_profile = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    session = boto3.Session(
        settings.CREDENTIALS, settings.CREDENTIALS, region_name=settings.REGION, botocore_session=no_profile
    )
    config = Config(**CONFIG, proxies={})
    return lru_cache(lambda service: session.client(service, endpoint_url=endpoint, config=config))
