# SPDX-License-Identifier: MIT
"""Each environment from the project's root, with credentials as a user has them."""

from pathlib import Path
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws
from tests.playbooks import Playbooks, succeeded
from tests.stack.listing import left


@pytest.fixture
def account(aws: EmbeddedAws, tmp_path: Path) -> Playbooks:
    """The playbooks of a user whose environment leads to the embedded AWS."""
    return Playbooks(aws.environ | {"AWS_URL": aws.endpoint}, tmp_path)


def test_dev_is_deployed_verified_and_destroyed(aws: EmbeddedAws, account: Playbooks) -> None:
    succeeded(account.run("deploy.yml", env="dev"))
    table = aws.client("timestream-write").describe_table(
        DatabaseName="iot-timeseries-dev", TableName="sensor-data"
    )["Table"]
    assert table["RetentionProperties"] == {
        "MemoryStoreRetentionPeriodInHours": 24,
        "MagneticStoreRetentionPeriodInDays": 30,
    }
    function = aws.client("lambda").get_function_configuration(
        FunctionName="timestream-ingest-iot-timeseries-dev"
    )
    assert function["Environment"]["Variables"]["LOG_LEVEL"] == "DEBUG"
    [log] = aws.client("logs").describe_log_groups(
        logGroupNamePrefix="/aws/lambda/timestream-ingest-iot-timeseries-dev"
    )["logGroups"]
    assert log["retentionInDays"] == 7
    succeeded(account.run("playbooks/verify.yml", env="dev"))
    succeeded(account.run("destroy.yml", env="dev"))
    assert left(aws.client, "iot-timeseries-dev") == []


@pytest.mark.parametrize("env", ["prod", "production"])
def test_prod_carries_its_name(aws: EmbeddedAws, account: Playbooks, env: str) -> None:
    run = succeeded(account.run("deploy.yml", "--check", env=env))
    assert left(aws.client, "iot-timeseries-prod") == []
    assert ("monitoring : Alarm", "Timestream-QueryLatency-iot-timeseries-prod") in run.changed
    assert ("iam : Role", "iot-timeseries-prod-ingest-us-east-1") in run.changed


def test_a_cheaper_record_model_for_the_functions_routes(aws: EmbeddedAws, account: Playbooks) -> None:
    """Multi-measure records: one a message, a column a measure."""
    settings: dict[str, Any] = {
        "env": "staging",
        "timestream_record_model": "multi",
        "direct_route": False,
        "direct_topic": "staging/sensors",
        "ingest_topic": "staging/ingest",
    }
    succeeded(account.run("deploy.yml", **settings))
    rules = [rule["ruleName"] for rule in aws.client("iot").list_topic_rules()["rules"]]
    assert "iot_timeseries_staging_timestream_sensors" not in rules
    assert "iot_timeseries_staging_timestream_sensors_checked" in rules
    message = b'{"device_id": "m", "location": "l", "sensors": {"temperature": 20, "humidity": 50.5}}'
    function = "timestream-ingest-iot-timeseries-staging"
    assert "FunctionError" not in aws.client("lambda").invoke(FunctionName=function, Payload=message)
    answer = aws.client("timestream-query").query(
        QueryString='SELECT measure_name, temperature, humidity FROM "iot-timeseries-staging"."sensor-data"'
    )
    assert [[datum["ScalarValue"] for datum in row["Data"]] for row in answer["Rows"]] == [
        ["readings", "20.0", "50.5"]
    ]
    again = succeeded(account.run("deploy.yml", **settings))
    assert [name for name, _ in again.changed] == ["timestream : Roll-up"]
    succeeded(account.run("playbooks/verify.yml", **settings))
    succeeded(account.run("destroy.yml", confirm_destroy="staging", **settings))
