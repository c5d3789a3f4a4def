# SPDX-License-Identifier: MIT
"""The demo runs the stack's roll-up at once, and shows what it stored."""

import json
from pathlib import Path
from typing import Any

import pytest

from demo.__main__ import main
from demo.query import query
from demo.stack import Stack

HOURLY = "sensor-data-hourly"
MEANS = """
    SELECT device_id, location, measure_name, bin(time, 1h) AS hour, avg(measure_value::double) AS mean,
        min(measure_value::double) AS minimum, max(measure_value::double) AS maximum,
        count(measure_value::double) AS readings
    FROM "{database}"."{table}"
    WHERE time >= bin(@scheduled_runtime, 1h) - 3h AND time < bin(@scheduled_runtime, 1h)
    GROUP BY device_id, location, measure_name, bin(time, 1h)
"""


@pytest.fixture
def outputs(stack: Stack, tmp_path: Path) -> str:
    """The stack's outputs, with a table for its roll-up."""
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps({**stack.outputs, "rollup_table": HOURLY}))
    return str(path)


def schedule(stack: Stack) -> None:
    """Make the roll-up, as the role timestream does."""
    stack.client("timestream-write").create_table(DatabaseName=stack.database, TableName=HOURLY)
    stack.client("s3").create_bucket(Bucket="demo-rollup-reports")
    topic = stack.client("sns").create_topic(Name="demo-rollups")["TopicArn"]
    kinds = {"mean": "DOUBLE", "minimum": "DOUBLE", "maximum": "DOUBLE", "readings": "BIGINT"}
    mappings: list[dict[str, Any]] = [
        {"SourceColumn": name, "MeasureValueType": kind} for name, kind in kinds.items()
    ]
    stack.client("timestream-query").create_scheduled_query(
        Name="demo-hourly",
        QueryString=MEANS.format(database=stack.database, table=stack.table),
        ScheduleConfiguration={"ScheduleExpression": "cron(5 * * * ? *)"},
        NotificationConfiguration={"SnsConfiguration": {"TopicArn": topic}},
        ScheduledQueryExecutionRoleArn=f"arn:aws:iam::{stack.outputs['account_id']}:role/demo",
        ErrorReportConfiguration={"S3Configuration": {"BucketName": "demo-rollup-reports"}},
        TargetConfiguration={
            "TimestreamConfiguration": {
                "DatabaseName": stack.database,
                "TableName": HOURLY,
                "TimeColumn": "hour",
                "DimensionMappings": [
                    {"Name": name, "DimensionValueType": "VARCHAR"} for name in ("device_id", "location")
                ],
                "MeasureNameColumn": "measure_name",
                "MultiMeasureMappings": {"MultiMeasureAttributeMappings": mappings},
            }
        },
    )


def test_the_last_hours_are_computed_and_shown(
    stack: Stack, outputs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--outputs", outputs, "rollup"]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert f"nothing fills {HOURLY} yet: run ansible-playbook deploy.yml now that there are readings" in told

    assert main(["--outputs", outputs]) == 0  # the fleet's last 24 hours
    capsys.readouterr()
    schedule(stack)
    assert main(["--outputs", outputs, "rollup"]) == 0
    shown = capsys.readouterr().out
    assert "What were the last full hours like, by the roll-up?" in shown
    assert "files/queries/rollup/01-hours.sql" in shown
    hours = query(stack, f'SELECT count(DISTINCT time) FROM "{stack.database}"."{HOURLY}"')
    assert hours.rows == [(3,)]
