# SPDX-License-Identifier: MIT
"""A destroy is meant, keeps the data where it is told to, mends what is half gone, and leaves nothing."""

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from localaws.embedded import EmbeddedAws, embedded_aws
from tests.conftest import local_playbooks
from tests.playbooks import Playbooks, label
from tests.stack.listing import everything

pytestmark = pytest.mark.prove

DATABASE, TABLE, BUCKET = "iot-timeseries-local", "sensor-data", "archive"
ROWS = 150


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An account of this module's own, which answers no faster than AWS."""
    with embedded_aws(tmp_path_factory.mktemp("destroy"), rates="aws") as running:
        yield running


@pytest.fixture(scope="module")
def site(account: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Playbooks:
    return local_playbooks(account, tmp_path_factory.mktemp("destroy-outputs"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"env": "staging"}, "-e confirm_destroy=staging"),
        ({"env": "prod", "confirm_destroy": "staging"}, "confirm_destroy=staging does not confirm this"),
        ({"env": "prod", "confirm_destroy": "prod"}, "timestream_deletion_protection=True protects"),
        ({"env": "dev", "final_export": "archive/kept"}, "final_export=archive/kept can't be used"),
        (
            {"env": "dev", "final_export": "s3://iot-timeseries-dev-000000000000-us-east-1/x"},
            "not the bucket iot-timeseries-dev-000000000000-us-east-1, which is deleted with the stack",
        ),
    ],
)
def test_what_is_not_meant_is_refused(
    aws: EmbeddedAws, tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    run = Playbooks(aws.environ | {"AWS_URL": aws.endpoint}, tmp_path).run("destroy.yml", **settings)
    assert run.code != 0
    assert message in run.failure
    assert run.changed == []


def write(account: EmbeddedAws) -> None:
    """Store readings; the table may take a moment on an AWS that answers no faster than AWS."""
    now = time.time_ns() // 10**6
    records = [{"Time": str(now - place), "MeasureValue": str(place)} for place in range(ROWS)]
    common = {"Dimensions": [{"Name": "device_id", "Value": "sensor-1"}], "MeasureName": "temperature"}
    for start in range(0, ROWS, 100):
        account.client("timestream-write").write_records(
            DatabaseName=DATABASE,
            TableName=TABLE,
            CommonAttributes=common,
            Records=records[start : start + 100],
        )


def exported(account: EmbeddedAws) -> list[float]:
    """The values in the exported files."""
    s3 = account.client("s3")
    found: list[float] = []
    for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
        if "/results/" in item["Key"]:
            content = s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()
            found += pq.read_table(io.BytesIO(content))["measure_value::double"].to_pylist()
    return sorted(found)


def test_a_half_destroyed_stack_is_listed_exported_and_destroyed(
    account: EmbeddedAws, site: Playbooks
) -> None:
    """With AWS's rates: each change of Timestream's resources may be throttled, and is repeated."""
    tables: dict[str, Any] = {"direct_table_name": "direct"}
    site.deploy(**tables)
    write(account)
    account.client("s3").create_bucket(Bucket=BUCKET)
    account.client("lambda").delete_function(FunctionName=f"timestream-ingest-{DATABASE}")
    account.client("iam").delete_role_policy(RoleName=f"{DATABASE}-rules-us-east-1", PolicyName="rules")
    account.client("iot").delete_topic_rule(ruleName="iot_timeseries_local_timestream_sensors")

    listing = site.run("destroy.yml", "--tags=verify", **tables)
    assert listing.code != 0
    assert f"Of {DATABASE} there are still the resources" in listing.failure
    assert f"arn:aws:sqs:us-east-1:000000000000:timestream-dead-letters-{DATABASE}" in listing.failure
    assert ("timestream : Table", TABLE) in listing.changed
    assert ("lambda : Function", "") not in listing.changed

    refused = site.run("destroy.yml", final_export="s3://no-such-bucket/x", **tables)
    assert refused.code != 0
    assert refused.changed == []

    run = site.destroy(final_export=f"s3://{BUCKET}/kept/", **tables)
    rows = {label(result): result["rows"] for name, result in run.results if name == "Table exported"}
    assert (rows[TABLE], rows["direct"]) == (ROWS, 0)
    assert exported(account) == [float(place) for place in range(ROWS)]
    remaining = everything(account.client)
    assert remaining.pop("buckets") == [BUCKET]
    assert not any(remaining.values()), json.dumps(remaining)
