# SPDX-License-Identifier: MIT
"""UNLOAD and scheduled queries, with the bucket, topic and role that they need."""

import gzip
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conform.places import PATIENCE_SECONDS, Place, Table, record, refusal

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["timestream:*", "s3:PutObject", "s3:GetBucketAcl", "sns:Publish"],
            "Resource": "*",
        }
    ],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "timestream.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@dataclass(frozen=True)
class Surroundings:
    """What stands beside the database."""

    bucket: str
    topic: str
    role: str


@pytest.fixture(scope="module")
def beside(place: Place) -> Iterator[Surroundings]:
    """A bucket, a topic and a role, for as long as these cases run."""
    name = f"{place.database}-{secrets.token_hex(4)}"
    s3, sns, iam = place.client("s3"), place.client("sns"), place.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(POLICY))
    topic = sns.create_topic(Name=name)["TopicArn"]
    region = place.session.region_name
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **where)
    try:
        yield Surroundings(name, topic, role)
    finally:
        for item in s3.list_objects_v2(Bucket=name).get("Contents", []):
            s3.delete_object(Bucket=name, Key=item["Key"])
        s3.delete_bucket(Bucket=name)
        sns.delete_topic(TopicArn=topic)
        iam.delete_role_policy(RoleName=name, PolicyName="all")
        iam.delete_role(RoleName=name)


@pytest.fixture(scope="module")
def table(table: Table) -> Table:
    """The table with a record in it."""
    table.write(record())
    table.rows("time", 1)
    return table


def test_an_unload_writes_data_and_a_manifest(place: Place, table: Table, beside: Surroundings) -> None:
    answer = place.ask(
        f"UNLOAD (SELECT device_id, measure_value::double AS t FROM {table.sql}) "
        f"TO 's3://{beside.bucket}/unload' "
        "WITH (format = 'CSV', compression = 'GZIP', include_header = 'true')"
    )
    assert [column["Name"] for column in answer["ColumnInfo"]] == ["rows", "metadataFile", "manifestFile"]
    rows, metadata, manifest = (datum["ScalarValue"] for datum in answer["Rows"][0]["Data"])
    assert rows == "1"
    s3 = place.client("s3")

    def read(url: str) -> bytes:
        key = url.removeprefix(f"s3://{beside.bucket}/")
        content: bytes = s3.get_object(Bucket=beside.bucket, Key=key)["Body"].read()
        return content

    [file] = json.loads(read(manifest))["result_files"]
    assert gzip.decompress(read(file["url"])).decode().splitlines() == ["device_id,t", "d1,21.5"]
    assert json.loads(read(metadata))["ColumnInfo"]


@pytest.mark.parametrize(
    "ending",
    [
        "TO 's3://{bucket}/x' WITH (format = 'XLS')",
        "TO 'file:///tmp/x'",
        "TO 's3://{bucket}/x' WITH (nope = 1)",
    ],
)
def test_unloads_that_are_refused(place: Place, beside: Surroundings, ending: str) -> None:
    statement = f"UNLOAD (SELECT 1 AS a) {ending.format(bucket=beside.bucket)}"
    assert refusal(place.query.query, QueryString=statement)[0] == "ValidationException"


def test_the_life_of_a_scheduled_query(place: Place, table: Table, beside: Surroundings) -> None:
    request: dict[str, object] = {
        "Name": place.database,
        "QueryString": f"SELECT device_id, bin(time, 1m) AS minute, avg(measure_value::double) AS t "
        f"FROM {table.sql} GROUP BY 1, 2",
        "ScheduleConfiguration": {"ScheduleExpression": "rate(1 day)"},
        "NotificationConfiguration": {"SnsConfiguration": {"TopicArn": beside.topic}},
        "ScheduledQueryExecutionRoleArn": beside.role,
        "ErrorReportConfiguration": {"S3Configuration": {"BucketName": beside.bucket}},
    }
    arn = created(place, request)
    try:
        described = place.query.describe_scheduled_query(ScheduledQueryArn=arn)["ScheduledQuery"]
        assert (described["Name"], described["State"]) == (place.database, "ENABLED")
        assert described["ScheduleConfiguration"] == request["ScheduleConfiguration"]
        assert refusal(place.query.create_scheduled_query, **request)[0] == "ConflictException"
        place.query.update_scheduled_query(ScheduledQueryArn=arn, State="DISABLED")
        described = place.query.describe_scheduled_query(ScheduledQueryArn=arn)["ScheduledQuery"]
        assert described["State"] == "DISABLED"
    finally:
        place.query.delete_scheduled_query(ScheduledQueryArn=arn)
    code, _ = refusal(place.query.describe_scheduled_query, ScheduledQueryArn=arn)
    assert code == "ResourceNotFoundException"


def created(place: Place, request: dict[str, object]) -> str:
    """Create a scheduled query, whose role, just made, may not be known everywhere for some seconds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return str(place.query.create_scheduled_query(**request)["Arn"])
        except (
            place.query.exceptions.AccessDeniedException,
            place.query.exceptions.ValidationException,
        ) as error:
            made_just_now = place.endpoint is None and "role" in str(error).lower()
            if not made_just_now or time.monotonic() > deadline:
                raise
            time.sleep(5)
