# SPDX-License-Identifier: MIT
"""The server's own pages."""

import http.client
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws
from localaws.state import State


@pytest.fixture
def aws(aws: EmbeddedAws) -> EmbeddedAws:
    """An embedded AWS with nothing in it, its clock the machine's."""
    aws.reset()
    return aws


def ask(aws: EmbeddedAws, method: str, page: str, body: str = "") -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", aws.port)
    connection.request(method, f"/_localaws/{page}", body)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_status_tells_of_the_server(aws: EmbeddedAws) -> None:
    before = ask(aws, "GET", "status")[1]
    client = aws.client("timestream-write")
    client.list_databases()
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_database(DatabaseName="nope")
    status, after = ask(aws, "GET", "status")
    assert status == 200
    assert (after["requests"] - before["requests"], after["errors"] - before["errors"]) == (2, 1)
    assert after["pid"] == aws.instance.pid
    assert after["started"] <= time.time()
    assert after["state"] == str(aws.state)
    assert after["peak_memory_bytes"] > 10_000_000


def test_the_clock_goes_forward_and_is_put_back_by_a_reset(aws: EmbeddedAws) -> None:
    assert ask(aws, "GET", "clock")[1]["ahead_seconds"] == 0
    aws.forward(3600)
    aws.forward(0.5)
    status, clock = ask(aws, "GET", "clock")
    assert (status, clock["ahead_seconds"]) == (200, 3600.5)
    assert 3590 < clock["now"] - time.time() < 3610
    assert aws.client("timestream-query").query(QueryString="SELECT now()")["Rows"][0]["Data"][0][
        "ScalarValue"
    ] > time.strftime("%Y-%m-%d %H:%M", time.gmtime(time.time() + 3500))
    aws.reset()
    assert ask(aws, "GET", "clock")[1]["ahead_seconds"] == 0


def test_retention_comes_due_when_the_clock_goes_forward(aws: EmbeddedAws) -> None:
    write = aws.client("timestream-write")
    names = {"DatabaseName": "plant", "TableName": "readings"}
    write.create_database(DatabaseName="plant")
    retention = {"MemoryStoreRetentionPeriodInHours": 1, "MagneticStoreRetentionPeriodInDays": 1}
    write.create_table(**names, RetentionProperties=retention)
    record = {"MeasureName": "t", "MeasureValue": "1", "Dimensions": [{"Name": "d", "Value": "1"}]}
    write.write_records(**names, Records=[record | {"Time": str(time.time_ns() // 10**6)}])
    count = 'SELECT count(*) FROM "plant"."readings"'
    reader = aws.client("timestream-query")
    assert reader.query(QueryString=count)["Rows"][0]["Data"][0]["ScalarValue"] == "1"
    aws.forward(2 * 24 * 3600)
    assert reader.query(QueryString=count)["Rows"][0]["Data"][0]["ScalarValue"] == "0"


@pytest.mark.parametrize(
    ("page", "body"),
    [
        ("clock", ""),
        ("clock", "{"),
        ("clock", "[]"),
        ("clock", '{"forward_seconds": -1}'),
        ("clock", '{"forward_seconds": 1e300}'),
        ("clock", '{"forward_seconds": "soon"}'),
        ("clock", '{"forward_seconds": null}'),
        ("throttle", '{"operation": "Query"}'),
        ("throttle", '{"operation": "Query", "calls": "many"}'),
    ],
)
def test_what_a_page_does_not_take(aws: EmbeddedAws, page: str, body: str) -> None:
    status, answer = ask(aws, "POST", page, body)
    assert (status, answer["message"].startswith(f"/_localaws/{page}")) == (400, True)
    assert ask(aws, "GET", "clock")[1]["ahead_seconds"] == 0


def test_a_page_that_is_not_there(aws: EmbeddedAws) -> None:
    assert ask(aws, "GET", "nope")[0] == 404
    assert ask(aws, "POST", "status")[0] == 404


def test_each_request_has_its_line_in_the_log(aws: EmbeddedAws) -> None:
    aws.client("timestream-write").list_databases()
    aws.session("111111111111", "eu-west-1").client(
        "timestream-query", endpoint_url=aws.endpoint
    ).describe_endpoints()
    aws.client("sns").list_topics()
    aws.client("s3").list_buckets()
    log = State(aws.state).log
    for line in (
        r"\[request\] timestream ListDatabases 200 \d+\.\d ms\n",
        r"\[request\] timestream DescribeEndpoints 200 \d+\.\d ms 111111111111 eu-west-1\n",
        r"\[request\] sns ListTopics 200 \d+\.\d ms\n",
        r"\[request\] s3 GET / 200 \d+\.\d ms\n",
    ):
        wait_for(log, line)


def wait_for(log: Path, pattern: str) -> None:
    deadline = time.monotonic() + 10
    while not re.search(pattern, log.read_text()):
        assert time.monotonic() < deadline, pattern
