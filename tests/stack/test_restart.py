# SPDX-License-Identifier: MIT
"""A stack outlives the embedded AWS that it was deployed to: it works on, and a deploy has nothing to do."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws, embedded_aws
from tests.conftest import Stack, local_playbooks

DIRECT = {"device_id": "direct", "location": "hall", "temperature": 21.5}
CHECKED = {"device_id": "checked", "location": "hall", "temperature": 20.5, "timestamp": ""}
SETTINGS: dict[str, Any] = {"hourly_rollup": False}  # which else comes with the first deploy after a reading


@pytest.fixture(scope="module")
def restarted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose embedded AWS was stopped and started again, with a reading from before."""
    with embedded_aws(tmp_path_factory.mktemp("restart")) as aws:
        playbooks = local_playbooks(aws, tmp_path_factory.mktemp("restart-outputs"))
        playbooks.deploy(**SETTINGS)
        stack = Stack(aws, playbooks)
        publish(aws, DIRECT | {"device_id": "before"})
        wait_for(stack, {"before"})
        aws.restart()
        yield stack


def publish(aws: EmbeddedAws, message: dict[str, object]) -> None:
    aws.client("iot-data").publish(topic="topic/sensors", payload=json.dumps(message).encode())


def wait_for(stack: Stack, devices: set[str]) -> None:
    """Until readings of these devices are stored."""
    table = f'"{stack.outputs["database"]}"."{stack.outputs["table"]}"'
    reader, deadline = stack.aws.client("timestream-query"), time.monotonic() + 60
    while True:
        answer = reader.query(QueryString=f"SELECT DISTINCT device_id FROM {table}")
        if {row["Data"][0]["ScalarValue"] for row in answer["Rows"]} == devices:
            return
        assert time.monotonic() < deadline, answer["Rows"]


def test_readings_of_before_are_there_and_both_routes_still_store(restarted: Stack) -> None:
    wait_for(restarted, {"before"})
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    publish(restarted.aws, DIRECT)
    publish(restarted.aws, CHECKED | {"timestamp": now})
    wait_for(restarted, {"before", "direct", "checked"})


def test_a_deploy_has_nothing_to_do(restarted: Stack) -> None:
    assert restarted.playbooks.deploy(**SETTINGS).changed == []
