# SPDX-License-Identifier: MIT
"""The services that are ours, put together: everyone's, by account and region, on one clock.

DATA/timestream/ACCOUNT-REGION/    what one account's Timestream keeps in a region
DATA/cloudwatch/ACCOUNT-REGION/    what its CloudWatch does
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

from localaws import rates, settings
from localaws.clock import Clock
from localaws.cloudwatch.service import CloudWatch
from localaws.metrics import MINUTE, QUARTER, Gauge, Gauges, of_storage
from localaws.sites import Sites
from localaws.timestream.service import Timestream

CLOCK = Clock()
FAULTS = rates.Faults()
WORKING = threading.Lock()
OBSERVED: list[Callable[[], Iterable[Gauge]]] = []
"""Where services that are not ours tell their gauges."""


def begin() -> None:
    """Open all state, before several threads ask for it."""
    timestreams()
    cloudwatches()


@cache
def timestreams() -> Sites[Timestream]:
    """Everyone's Timestream."""
    return Sites(Path(os.environ["LOCALAWS_DATA"]) / "timestream", timestream)


def timestream(account: str, region: str, folder: Path) -> Timestream:
    """An account's Timestream in a region."""
    return Timestream(account, region, CLOCK, folder, partial(client, account, region))


@cache
def cloudwatches() -> Sites[CloudWatch]:
    """Everyone's CloudWatch."""
    return Sites(Path(os.environ["LOCALAWS_DATA"]) / "cloudwatch", cloudwatch)


def cloudwatch(account: str, region: str, folder: Path) -> CloudWatch:
    """An account's CloudWatch in a region."""
    return CloudWatch(account, region, CLOCK, folder, cache(partial(client, account, region)))


@cache
def gauges() -> list[Gauges]:
    """What is read from time to time."""
    return [Gauges(CLOCK, observe, record, MINUTE), Gauges(CLOCK, stored, record, QUARTER)]


def record(gauge: Gauge, at: float) -> None:
    """Report what a gauge was in the time that began then."""
    cloudwatches().at(gauge.account, gauge.region).record(
        gauge.namespace, gauge.name, gauge.value, gauge.unit, gauge.dimensions, at
    )


def observe() -> Iterable[Gauge]:
    """The gauges of services that are not ours."""
    for read in OBSERVED:
        yield from read()


def stored() -> Iterable[Gauge]:
    """The gauges of everyone's Timestream."""
    for account, region, service in timestreams():
        yield from of_storage(account, region, *service.stored())


@cache
def rates_of(_account: str, _region: str) -> rates.Rates:
    """The rates of an account's Timestream in a region."""
    return rates.Rates(rates.BY_NAME[os.environ["LOCALAWS_RATES"]], CLOCK)


def called(account: str, region: str) -> rates.Throttled:
    """An account's Timestream in a region, as it is for those who call its API."""
    return rates.Throttled(timestreams().at(account, region), rates_of(account, region), FAULTS)


def client(account: str, region: str, service: str) -> Any:
    """A boto3 client of one of the embedded services, for the account and region that it stands beside."""
    import boto3  # 20 MB and a third of a second, for what few ever ask for
    from botocore.config import Config

    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=region,
        endpoint_url=settings.endpoint(int(os.environ["GATEWAY_PORT"])),
        aws_access_key_id=account,
        aws_secret_access_key=settings.CREDENTIALS,
        config=Config(proxies={}),
    )


def work() -> None:
    """Do what is due by now. The server calls it many times a second."""
    with WORKING:
        timestreams().work()
        for account, region, service in timestreams():
            for count in service.counts.take():
                cloudwatches().at(account, region).record("AWS/Timestream", *count)
        for each in gauges():
            each.work()
        cloudwatches().work()


def forward(seconds: float) -> None:
    """Move the clock on, and do what has come due."""
    CLOCK.forward(seconds)
    work()


def reset() -> None:
    """Forget everything, and go by the machine's time again."""
    with WORKING:
        timestreams().reset()
        cloudwatches().reset()
        gauges.cache_clear()
        FAULTS.reset()
        rates_of.cache_clear()
        CLOCK.reset()


def summary() -> list[dict[str, Any]]:
    """What there is in Timestream: a line for each table, and for each database that has none."""
    return [
        {"account": account, "region": region, **line}
        for account, region, service in timestreams()
        for line in service.summary()
    ]


def close() -> None:
    """Let go of all state, which stays in its folders."""
    with WORKING:
        timestreams().close()
        cloudwatches().close()
