# SPDX-License-Identifier: MIT
"""The life of a stack, in order: checks predict, repetitions change nothing, nothing is left."""

from collections.abc import Iterator
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws, embedded_aws
from tests.conftest import local_playbooks
from tests.playbooks import Playbooks, Run
from tests.stack.listing import everything

STACK = "iot-timeseries-local"
RESOURCES = {
    "alarms": sorted(
        [
            f"Timestream-DeadLetters-{STACK}",
            f"Timestream-DeadLetterErrors-{STACK}",
            f"Timestream-IngestErrors-{STACK}",
            f"Timestream-LateRecordsRejected-{STACK}",
            f"Timestream-LateReportsFailed-{STACK}",
            f"Timestream-IngestionRate-{STACK}",
            f"Timestream-ParseErrors-{STACK}-checked",
            f"Timestream-QueryLatency-{STACK}",
            *(f"Timestream-RuleFailures-{STACK}-{rule}" for rule in ("checked", "direct", "ingest")),
        ]
    ),
    "buckets": [f"{STACK}-000000000000-us-east-1"],
    "dashboards": [f"{STACK}-us-east-1"],
    "databases": [STACK],
    "functions": [f"timestream-ingest-{STACK}"],
    "log groups": [f"/aws/lambda/timestream-ingest-{STACK}"],
    "policies": [],
    "roles": [f"{STACK}-{role}-us-east-1" for role in ("ingest", "rollups", "rules")],
    "rules": [
        "iot_timeseries_local_timestream_ingest",
        "iot_timeseries_local_timestream_sensors",
        "iot_timeseries_local_timestream_sensors_checked",
    ],
    "scheduled queries": [],  # it comes with the second deploy after the first reading
    "subscriptions": [],
    "tables": ["sensor-data", "sensor-data-hourly"],
    "topics": [
        f"arn:aws:sns:us-east-1:000000000000:timestream-{topic}-{STACK}" for topic in ("alarms", "rollups")
    ],
}

# A setting, its new value, and the one or two tasks that it concerns
CHANGES: list[tuple[str, Any, set[str]]] = [
    ("memory_store_retention_hours", 48, {"timestream : Table"}),
    ("lambda_memory_size", 512, {"lambda : Function"}),
    ("measures", ["temperature", "co2"], {"iot_rule : Topic rule", "Outputs"}),
    ("query_latency_threshold", 2000, {"monitoring : Alarm"}),
]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An account of this module's own, empty at first."""
    with embedded_aws(tmp_path_factory.mktemp("life")) as running:
        yield running


@pytest.fixture(scope="module")
def site(account: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Playbooks:
    return local_playbooks(account, tmp_path_factory.mktemp("life-outputs") / "new")


def predicted(site: Playbooks, *, changes: set[str] | None = None, **settings: Any) -> Run:
    """A real deploy, after a check run that said the same of it."""
    check = site.deploy("--check", "--diff", **settings)
    real = site.deploy("--diff", **settings)
    assert check.changed == real.changed
    assert changes is None or {name for name, _ in real.changed} == changes
    return real


def test_a_check_run_on_an_empty_account_predicts_the_deploy(account: EmbeddedAws, site: Playbooks) -> None:
    nothing = everything(account.client)
    assert not any(nothing.values())
    site.deploy("--check")
    assert everything(account.client) == nothing
    predicted(site)
    resources = everything(account.client)
    assert len(resources.pop("queues")) == 1
    assert resources == RESOURCES


def test_a_second_deploy_changes_nothing(site: Playbooks) -> None:
    assert site.deploy().changed == []


def test_a_changed_setting_changes_only_what_it_concerns(site: Playbooks) -> None:
    settings: dict[str, Any] = {}
    for setting, value, tasks in CHANGES:
        settings[setting] = value
        predicted(site, changes=tasks, **settings)


def test_a_destroy_leaves_nothing_and_a_second_one_changes_nothing(
    account: EmbeddedAws, site: Playbooks
) -> None:
    check = site.destroy("--check")
    real = site.destroy()
    assert check.changed == real.changed
    assert not any(everything(account.client).values())
    assert not any(site.outputs_folder.iterdir())
    assert site.destroy().changed == []
