# SPDX-License-Identifier: MIT
"""Rules of each mode, standard ones and others: what is published is stored, or becomes a dead letter."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws, embedded_aws
from tests.conftest import Stack, local_playbooks
from tests.playbooks import Playbooks, Run

pytestmark = pytest.mark.prove

DEADLINE_SECONDS = 60
PREFIX = "iot_timeseries_local"
OWN_RULES: list[dict[str, Any]] = [
    # Reached by Basic Ingest alone, as it has no topic
    {"key": "roof", "name": f"{PREFIX}_roof", "mode": "direct", "measures": ["wind"]},
    {
        "key": "hall",
        "name": f"{PREFIX}_hall",
        "mode": "direct",
        "topic": "hall/+",
        "dimensions": {"device_id": "${device_id}", "location": "${topic(2)}"},
        "timestamp": {"value": "${taken}", "unit": "SECONDS"},
    },
    {
        "key": "yard",
        "name": f"{PREFIX}_yard",
        "mode": "lambda",
        "sql": "SELECT *, topic(2) AS location FROM 'yard/+' WHERE temperature < 100",
        "sql_version": "2016-03-23",
    },
]
SETTINGS: dict[str, Any] = {
    "ingest_mode": "buffered",
    "direct_table_name": "direct-data",
    "topic_rules": f"{{{{ standard_rules + {OWN_RULES} }}}}",
}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An account of this module's own: its rules listen to the topics of the other stacks."""
    with embedded_aws(tmp_path_factory.mktemp("routes")) as running:
        yield running


@pytest.fixture(scope="module")
def site(account: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Playbooks:
    return local_playbooks(account, tmp_path_factory.mktemp("routes-outputs"))


@pytest.fixture(scope="module")
def runs(site: Playbooks) -> tuple[Run, Run, Run]:
    """These rules: predicted, deployed, deployed again."""
    return tuple(site.deploy(*options, "--diff", **SETTINGS) for options in (("--check",), (), ()))  # type: ignore


@pytest.fixture(scope="module")
def deployed(account: EmbeddedAws, site: Playbooks, runs: tuple[Run, Run, Run]) -> Stack:
    return Stack(account, site)


def until(answers: Callable[[], Any]) -> Any:
    """What it answers, once that is something."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (answer := answers()):
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
    return answer


def publish(stack: Stack, topic: str, message: Any) -> None:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    stack.aws.client("iot-data").publish(topic=topic, payload=payload)


def stored(stack: Stack, device: str) -> dict[str, tuple[str, float]]:
    """The readings of a device: measure -> location and value."""
    return readings(stack, device, "direct_table" if device == "shared" else "table")


def readings(stack: Stack, device: str, place: str) -> dict[str, tuple[str, float]]:
    """The same, of one of the stack's two tables."""
    table = f'"{stack.outputs["database"]}"."{stack.outputs[place]}"'
    client = stack.aws.client("timestream-query")
    try:
        answer = client.query(
            QueryString="SELECT measure_name, location, measure_value::double"
            f" FROM {table} WHERE device_id = '{device}'"
        )
    except client.exceptions.ValidationException:  # no reading was ever stored, so there are no columns
        return {}
    rows = [[datum["ScalarValue"] for datum in row["Data"]] for row in answer["Rows"]]
    return {measure: (location, float(value)) for measure, location, value in rows}


def dead_letter(stack: Stack, mark: str) -> str:
    """The dead letter that tells of a message with that mark in it."""
    client, url = stack.aws.client("sqs"), stack.outputs["dead_letter_queue_url"]

    def find() -> str | None:
        received = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        bodies = [letter["Body"] for letter in received.get("Messages", [])]
        return next((body for body in bodies if mark in told(body)), None)

    return str(until(find))


def told(body: str) -> str:
    """A dead letter with the message in plain text, which a rule's error action gives in base64."""
    letter = json.loads(body) if body.startswith("{") else {}
    return body + base64.b64decode(letter.get("base64OriginalPayload", "")).decode()


def diffs_of(run: Run, role: str) -> list[Any]:
    """What a role's tasks say that they change."""
    return [diff for task, diff in run.diffs if task.startswith(f"{role} : ")]


def test_a_check_run_predicts_these_rules_and_a_second_run_changes_nothing(
    runs: tuple[Run, Run, Run],
) -> None:
    check, real, again = runs
    assert check.changed == real.changed
    assert diffs_of(check, "iot_rule") == diffs_of(real, "iot_rule")
    assert diffs_of(check, "monitoring") == diffs_of(real, "monitoring")
    made = [what for task, what in real.changed if task == "iot_rule : Topic rule"]
    standard = [f"{PREFIX}_timestream_{name}" for name in ("sensors", "sensors_checked", "ingest")]
    assert made == standard + [rule["name"] for rule in OWN_RULES]
    assert again.changed == []


@pytest.mark.parametrize(
    ("topic", "message", "expected"),
    [
        pytest.param(
            "topic/sensors/ingest",
            {"device_id": "buffered", "location": "a", "sensors": {"temperature": 20, "noise": 0.5}},
            {"temperature": ("a", 20), "noise": ("a", 0.5)},
            id="buffered",
        ),
        pytest.param(
            f"$aws/rules/{PREFIX}_timestream_ingest",
            [{"device_id": "many", "location": "a", "co2": 400}],
            {"co2": ("a", 400)},
            id="buffered, by Basic Ingest",
        ),
        pytest.param(
            "topic/sensors",
            {"device_id": "shared", "location": "a", "temperature": 21},
            {"temperature": ("a", 21)},
            id="direct, of two rules on one topic",
        ),
        pytest.param(
            "topic/sensors",
            {"device_id": "nested", "location": "a", "sensors": {"temperature": 21}},
            {"temperature": ("a", 21)},
            id="lambda, of two rules on one topic",
        ),
        pytest.param(
            f"$aws/rules/{PREFIX}_roof/of/any/name",
            {"device_id": "roof", "location": "a", "wind": 7, "temperature": 3},
            {"wind": ("a", 7)},
            id="direct, without a topic",
        ),
        pytest.param(
            "hall/north",
            {"device_id": "hall", "temperature": 22.5, "humidity": 40},
            {"temperature": ("north", 22.5), "humidity": ("north", 40)},
            id="direct, with a dimension and a time of its own",
        ),
        pytest.param(
            "yard/south",
            {"device_id": "yard", "temperature": 8.5},
            {"temperature": ("south", 8.5)},
            id="lambda, with SQL of its own",
        ),
    ],
)
def test_what_is_published_is_stored(
    deployed: Stack, topic: str, message: Any, expected: dict[str, tuple[str, float]]
) -> None:
    if topic.startswith("hall"):
        message = message | {"taken": int(time.time()) - 60}
    device = next(iter(message if isinstance(message, list) else [message]))["device_id"]
    publish(deployed, topic, message)
    until(lambda: stored(deployed, device).keys() >= expected.keys())
    assert stored(deployed, device) == expected


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        pytest.param("topic/sensors/ingest", {"device_id": "refused-1"}, id="buffered, nothing measured"),
        pytest.param("topic/sensors/ingest", b"refused-2, and no JSON", id="buffered, not JSON"),
        pytest.param("hall/east", {"temperature": 1, "note": "refused-3"}, id="direct, without a dimension"),
        pytest.param(
            f"$aws/rules/{PREFIX}_roof", {"device_id": "refused-4", "location": "a"}, id="direct, no measure"
        ),
    ],
)
def test_what_is_refused_becomes_a_dead_letter(deployed: Stack, topic: str, message: Any) -> None:
    client = deployed.aws.client("sqs")
    url = client.get_queue_url(QueueName="timestream-buffer-iot-timeseries-local")["QueueUrl"]
    client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})  # till the next attempt
    publish(deployed, topic, message)
    text = message.decode() if isinstance(message, bytes) else json.dumps(message)
    mark = text[text.index("refused") :][:9]
    assert mark in told(dead_letter(deployed, mark))


def alarms(stack: Stack) -> dict[str, dict[str, str]]:
    """The alarms of rules and tables: what their names add to those of the stack -> dimensions."""
    found = stack.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    kinds = ("RuleFailures", "ParseErrors", "IngestionRate")
    return {
        alarm["AlarmName"].removeprefix("Timestream-").replace("-iot-timeseries-local", ""): {
            dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]
        }
        for alarm in found
        if alarm["AlarmName"].split("-")[1] in kinds
    }


def test_alarms_follow_the_rules(deployed: Stack) -> None:
    def failures(name: str, action: str) -> dict[str, str]:
        return {"RuleName": f"{PREFIX}_{name}", "ActionType": action}

    writes = {"DatabaseName": "iot-timeseries-local", "Operation": "WriteRecords"}
    expected = {
        "IngestionRate": writes | {"TableName": "sensor-data"},
        "IngestionRate-direct": writes | {"TableName": "direct-data"},
        "ParseErrors-checked": {"RuleName": f"{PREFIX}_timestream_sensors_checked"},
        "ParseErrors-hall": {"RuleName": f"{PREFIX}_hall"},
        "ParseErrors-roof": {"RuleName": f"{PREFIX}_roof"},
        "ParseErrors-yard": {"RuleName": f"{PREFIX}_yard"},
        "RuleFailures-checked": failures("timestream_sensors_checked", "Lambda"),
        "RuleFailures-direct": failures("timestream_sensors", "Timestream"),
        "RuleFailures-hall": failures("hall", "Timestream"),
        "RuleFailures-ingest": failures("timestream_ingest", "Sqs"),
        "RuleFailures-roof": failures("roof", "Timestream"),
        "RuleFailures-yard": failures("yard", "Lambda"),
    }
    assert alarms(deployed) == expected

    gone = [rule | {"state": "absent"} for rule in OWN_RULES]
    settings = SETTINGS | {"topic_rules": f"{{{{ standard_rules + {gone} }}}}", "ingest_mode": "lambda"}
    deployed.playbooks.deploy(**settings, direct_route=False)
    left = {name: expected[name] for name in ("IngestionRate", "RuleFailures-checked")}
    left["RuleFailures-ingest"] = failures("timestream_ingest", "Lambda")
    assert alarms(deployed) == left
    assert set(deployed.outputs["rules"]) == {"checked", "ingest"}
