# SPDX-License-Identifier: MIT
"""The AWS SDK for pandas, as it is, on the embedded AWS: told of it by the environment alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import awswrangler as wr
import boto3
import pandas as pd
import pytest

from localaws.embedded import EmbeddedAws

HOUR = pd.Timedelta("1h")


@pytest.fixture(autouse=True)
def _environment(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@dataclass(frozen=True)
class Table:
    """A table of its own database."""

    database: str
    table: str

    def rows(self, columns: str = "*", rest: str = "") -> pd.DataFrame:
        """What the table holds."""
        found = wr.timestream.query(f'SELECT {columns} FROM "{self.database}"."{self.table}" {rest}')
        assert isinstance(found, pd.DataFrame)
        return found


@pytest.fixture
def table() -> Table:
    """A new table with an hour of memory store and a day of magnetic store."""
    made = Table(f"wrangler-{uuid.uuid4()}", "readings")
    wr.timestream.create_database(made.database)
    wr.timestream.create_table(made.database, made.table, memory_retention_hours=1, magnetic_retention_days=1)
    return made


@pytest.fixture
def bucket(aws: EmbeddedAws) -> str:
    """A new bucket's name."""
    name = f"wrangler-{uuid.uuid4()}"
    aws.client("s3").create_bucket(Bucket=name)
    return name


Readings = Callable[..., pd.DataFrame]


@pytest.fixture
def readings() -> Readings:
    """Readings of two sensors, a second apart, up to now, at millisecond precision."""

    def readings(count: int = 6, **columns: Any) -> pd.DataFrame:
        now = pd.Timestamp.now().floor("ms")
        return pd.DataFrame(
            {
                "time": [now - pd.Timedelta(seconds=count - number) for number in range(count)],
                "site": [f"site {number % 2}" for number in range(count)],
                "rack": [number % 3 for number in range(count)],
                "temperature": [20.0 + number / 4 for number in range(count)],
                **columns,
            }
        )

    return readings
