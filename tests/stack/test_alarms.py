# SPDX-License-Identifier: MIT
"""Each alarm of the stack goes off for a real cause, notifies, and comes back when the cause is gone.

The alarms are those that deploy.yml makes; only the clock of Timestream and CloudWatch is moved.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws, embedded_aws
from tests.conftest import Stack, local_playbooks

DEADLINE_SECONDS = 60
HOUR = 3600
SILENCE = 4 * HOUR
"""An hour without writes and the two periods more that CloudWatch looks at."""
QUIET = 20 * 60
"""Five minutes without the cause, the two periods more, and a margin."""

READING = {"device_id": "sensor-1", "location": "hall", "temperature": 25.5}
ROUTES = {"checked": "topic/sensors", "ingest": "topic/sensors/ingest"}


def until(holds: Callable[[], Any]) -> Any:
    """What it answers, once that is true."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (answer := holds()):
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
    return answer


@dataclass
class Plant:
    """The stack, and what is done to it and its parts."""

    stack: Stack
    notices: list[dict[str, Any]] = field(default_factory=list)
    queue: str = ""

    @property
    def aws(self) -> EmbeddedAws:
        return self.stack.aws

    def publish(self, topic: str, message: Any) -> None:
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.aws.client("iot-data").publish(topic=topic, payload=payload)

    def write(self, value: float, at: float) -> None:
        """Write a reading of a second since 1970 without going through the stack."""
        self.aws.client("timestream-write").write_records(
            DatabaseName=self.stack.outputs["database"],
            TableName=self.stack.outputs["table"],
            Records=[
                {
                    "Dimensions": [
                        {"Name": "device_id", "Value": "late"},
                        {"Name": "location", "Value": "hall"},
                    ],
                    "MeasureName": "temperature",
                    "MeasureValue": str(value),
                    "MeasureValueType": "DOUBLE",
                    "Time": str(int(at)),
                    "TimeUnit": "SECONDS",
                }
            ],
        )

    def counted(self, namespace: str, metric: str, **dimensions: str) -> float:
        """How much of a metric there was in all."""
        now = self.now()
        points = self.aws.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=now - 24 * HOUR,
            EndTime=now + HOUR,
            Period=HOUR,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    def now(self) -> float:
        return float(self.aws.instance.ask("GET", "/_localaws/clock")["now"])

    def dead_letters(self) -> int:
        """How many wait in the stack's queue for them."""
        attributes = self.aws.client("sqs").get_queue_attributes(
            QueueUrl=self.stack.outputs["dead_letter_queue_url"],
            AttributeNames=["ApproximateNumberOfMessages"],
        )
        return int(attributes["Attributes"]["ApproximateNumberOfMessages"])

    def purge(self) -> None:
        """Throw the dead letters away."""
        self.aws.client("sqs").purge_queue(QueueUrl=self.stack.outputs["dead_letter_queue_url"])

    def listen(self) -> None:
        """Have a queue told what the alarms' topic is told."""
        sqs, sns = self.aws.client("sqs"), self.aws.client("sns")
        self.queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        sns.subscribe(TopicArn=self.stack.outputs["alarm_topic_arn"], Protocol="sqs", Endpoint=arn)

    def hear(self) -> None:
        """Take what was heard."""
        sqs = self.aws.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.notices.append(json.loads(json.loads(message["Body"])["Message"]))
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])


# The causes: each is named after the alarm that it makes go off, and returns what takes it away

Remedy = Callable[[], None]


def nothing() -> None:
    """What a cause that is over needs."""


def failing_function(plant: Plant) -> Remedy:
    """IngestErrors, and DeadLetters: a message that the function can't take, after its retries."""
    before = plant.dead_letters()
    plant.publish(ROUTES["ingest"], {"no": "reading"})
    until(lambda: plant.dead_letters() > before)
    return plant.purge


def lost_dead_letter(plant: Plant) -> Remedy:
    """DeadLetterErrors: another such message, with the queue gone."""
    sqs, queue = plant.aws.client("sqs"), plant.stack.outputs["dead_letter_queue_url"]
    sqs.delete_queue(QueueUrl=queue)
    plant.publish(ROUTES["ingest"], {"no": "reading"})
    function = plant.stack.outputs["function"]
    until(lambda: plant.counted("AWS/Lambda", "DeadLetterErrors", FunctionName=function))
    sqs.create_queue(QueueName=queue.rpartition("/")[2])
    return nothing


def refused_write(plant: Plant) -> Remedy:
    """RuleFailures-direct: a reading of tomorrow, which Timestream refuses."""
    plant.publish(ROUTES["checked"], {**READING, "timestamp": int(plant.now()) + 24 * HOUR})
    return nothing


def forbidden_function(route: str) -> Callable[[Plant], Remedy]:
    """RuleFailures-checked, or -ingest: the function no longer permits the rule."""

    def cause(plant: Plant) -> Remedy:
        function = {"FunctionName": plant.stack.outputs["function"], "Qualifier": "live"}
        rule, client = plant.stack.outputs["rules"][route], plant.aws.client("lambda")
        client.remove_permission(**function, StatementId=rule)
        plant.publish(ROUTES[route], {**READING, "timestamp": "2026-01-01T12:00:00Z"})
        return lambda: client.add_permission(
            **function,
            StatementId=rule,
            Action="lambda:InvokeFunction",
            Principal="iot.amazonaws.com",
            SourceArn=plant.aws.client("iot").get_topic_rule(ruleName=rule)["ruleArn"],
            SourceAccount=plant.stack.outputs["account_id"],
        )

    return cause


def no_json(plant: Plant) -> Remedy:
    """ParseErrors-checked: a payload that is not JSON, which a rule that selects all would pass on."""
    plant.publish(ROUTES["checked"], b"temperature=25.5")
    return nothing


def late_record(plant: Plant) -> Remedy:
    """LateRecordsRejected: a second value of the same version for a time that the memory store has passed."""
    at = plant.now() - 30 * HOUR
    plant.write(1.5, at)
    plant.write(2.5, at)
    return nothing


def lost_report(plant: Plant) -> Remedy:
    """LateReportsFailed: another such record, with the bucket for the reports gone."""
    table = {"DatabaseName": plant.stack.outputs["database"], "TableName": plant.stack.outputs["table"]}
    described = plant.aws.client("timestream-write").describe_table(**table)["Table"]
    location = described["MagneticStoreWriteProperties"]["MagneticStoreRejectedDataLocation"]
    bucket = location["S3Configuration"]["BucketName"]
    s3 = plant.aws.client("s3")
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    s3.delete_bucket(Bucket=bucket)
    late_record(plant)
    plant.aws.forward(10)  # for as long records are gathered into one report
    metric = "MagneticStoreRejectedUploadUserFailures"
    until(lambda: plant.counted("AWS/Timestream", metric, **table, Operation="WriteRecords"))
    return lambda: s3.create_bucket(Bucket=bucket)


def slow_query(plant: Plant) -> Remedy:
    """QueryLatency: two queries, five minutes apart, that work for longer than they may."""
    for _ in range(2):
        work_for_seconds(plant)
        plant.aws.forward(300)
    return nothing


def work_for_seconds(plant: Plant) -> None:
    """Have a query compute until its first answer has come; then it is not needed."""
    client = plant.aws.client("timestream-query")
    numbers = "unnest(sequence(1, 10000))"
    tables = ", ".join(f"{numbers} AS t{n}(x{n})" for n in range(4))
    answer = client.query(QueryString=f"SELECT max(sin(x0 * x1) + cos(x2 * x3)) FROM {tables}")
    client.cancel_query(QueryId=answer["QueryId"])


def silence(plant: Plant) -> Remedy:
    """IngestionRate: no writes for hours."""
    plant.publish(ROUTES["checked"], {**READING, "timestamp": int(plant.now())})
    plant.aws.forward(60)
    plant.aws.forward(SILENCE)
    return lambda: plant.publish(ROUTES["checked"], {**READING, "timestamp": int(plant.now())})


CAUSES: dict[str, Callable[[Plant], Remedy]] = {
    "IngestErrors": failing_function,
    "DeadLetters": failing_function,
    "DeadLetterErrors": lost_dead_letter,
    "RuleFailures-direct": refused_write,
    "RuleFailures-checked": forbidden_function("checked"),
    "RuleFailures-ingest": forbidden_function("ingest"),
    "ParseErrors-checked": no_json,
    "LateReportsFailed": lost_report,
    "LateRecordsRejected": late_record,
    "QueryLatency": slow_query,
    "IngestionRate": silence,
}


def short(alarm: str, plant: Plant) -> str:
    """An alarm's name without what all of them have in common."""
    stack = f"{plant.stack.outputs['project']}-{plant.stack.outputs['environment']}"
    return alarm.removeprefix("Timestream-").replace(f"-{stack}", "")


def states(plant: Plant) -> dict[str, str]:
    alarms = plant.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {short(alarm["AlarmName"], plant): alarm["StateValue"] for alarm in alarms}


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """A stack of this module's own: its clock is moved."""
    with embedded_aws(tmp_path_factory.mktemp("alarms")) as running:
        playbooks = local_playbooks(running, tmp_path_factory.mktemp("alarms-outputs"))
        playbooks.deploy()
        plant = Plant(Stack(running, playbooks))
        plant.listen()
        yield plant


@dataclass
class Story:
    """What the alarms were: as things went wrong, and after they were mended; and what was told of each."""

    wrong: set[str] = field(default_factory=set)
    mended: dict[str, str] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def story(plant: Plant) -> Story:
    story = Story()
    plant.aws.forward(60)
    plant.publish(ROUTES["checked"], {**READING, "timestamp": int(plant.now())})
    plant.aws.forward(60)
    assert set(states(plant).values()) == {"OK"}, "all is well at first"
    plant.hear()
    plant.notices.clear()
    for cause in dict.fromkeys(CAUSES.values()):
        remedy = cause(plant)
        plant.aws.forward(120)
        story.wrong |= {alarm for alarm, state in states(plant).items() if state == "ALARM"}
        remedy()
    plant.purge()  # what failed in a rule has become a dead letter too
    plant.aws.forward(QUIET)
    story.mended = states(plant)
    plant.hear()
    for notice in plant.notices:
        story.told.setdefault(short(notice["AlarmName"], plant), []).append(notice["NewStateValue"])
    return story


def test_every_alarm_of_the_stack_has_a_cause(plant: Plant) -> None:
    assert states(plant).keys() == CAUSES.keys()


@pytest.mark.parametrize("alarm", CAUSES)
def test_it_goes_off_notifies_and_comes_back(story: Story, alarm: str) -> None:
    assert alarm in story.wrong
    assert story.mended[alarm] == "OK"
    assert story.told[alarm][:1] == ["ALARM"]
    assert story.told[alarm][-1:] == ["OK"]


def test_an_alarm_on_wrong_dimensions_stays_silent(plant: Plant, story: Story) -> None:
    """As an alarm on the function's errors would, if it did not say of which function."""
    client = plant.aws.client("cloudwatch")
    alarms = client.describe_alarms()["MetricAlarms"]
    (alarm,) = [alarm for alarm in alarms if short(alarm["AlarmName"], plant) == "IngestErrors"]
    settings = ("Namespace", "MetricName", "Statistic", "Period", "EvaluationPeriods", "Threshold")
    wanted = {member: alarm[member] for member in (*settings, "ComparisonOperator", "TreatMissingData")}
    for wrong, dimensions in enumerate(([], [{"Name": "FunctionName", "Value": "another"}])):
        client.put_metric_alarm(**wanted, AlarmName=f"wrong-{wrong}", Dimensions=dimensions)
    remedy = failing_function(plant)
    plant.aws.forward(60)
    found = states(plant)
    assert (found["IngestErrors"], found["wrong-0"], found["wrong-1"]) == ("ALARM", "OK", "OK")
    remedy()
    client.delete_alarms(AlarmNames=["wrong-0", "wrong-1"])
