# SPDX-License-Identifier: MIT
"""What holds of a batch load whatever its files are."""

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from localaws.timestream.service import Timestream
from tests.unit.localaws.timestream.batch.conftest import HEADER, MODEL
from tests.unit.localaws.timestream.memory_s3 import MemoryS3

NOW = 1_767_225_600
CELLS = st.sampled_from(
    ["", "1", "-1.5", "x", '"', '"a\nb"', "\0", "é", str(NOW), str(NOW - 10**9), "9" * 5000, "y" * 3000]
)
LINES = st.lists(CELLS, min_size=6, max_size=8).map(",".join)
FILES = st.one_of(
    st.binary(max_size=200),
    st.lists(LINES, max_size=6).map(lambda lines: (HEADER + "\n".join(lines)).encode()),
)


def request() -> dict[str, Any]:
    return {
        "TargetDatabaseName": "iot",
        "TargetTableName": "cars",
        "DataModelConfiguration": {"DataModel": MODEL},
        "DataSourceConfiguration": {
            "DataSourceS3Configuration": {"BucketName": "source"},
            "DataFormat": "CSV",
        },
        "ReportConfiguration": {"ReportS3Configuration": {"BucketName": "reports"}},
    }


def test_every_record_is_accounted_for() -> None:
    s3 = MemoryS3()
    service = Timestream("0" * 12, "us-east-1", lambda: NOW * 10**9, client={"s3": s3}.__getitem__)
    service.call("CreateDatabase", {"DatabaseName": "iot"}, "")
    service.call("CreateTable", {"DatabaseName": "iot", "TableName": "cars"}, "")

    @settings(max_examples=50)
    @given(files=st.lists(FILES, min_size=1, max_size=3))
    def hold(files: list[bytes]) -> None:
        s3.buckets = {"source": {f"{n}.csv": file for n, file in enumerate(files)}, "reports": {}}
        account(service, s3)

    hold()
    service.close()


def account(service: Timestream, s3: MemoryS3) -> None:
    """Load what there is, and see whether it adds up."""
    task_id = service.call("CreateBatchLoadTask", request(), "")["TaskId"]
    deadline = time.monotonic() + 30
    while True:
        answer = service.call("DescribeBatchLoadTask", {"TaskId": task_id}, "")
        description = answer["BatchLoadTaskDescription"]
        if description["TaskStatus"] in ("SUCCEEDED", "FAILED"):
            break
        assert description["TaskStatus"] != "PROGRESS_STOPPED", "a defect stopped it"
        assert time.monotonic() < deadline
        service.work()
    progress = description["ProgressReport"]
    failures = progress["ParseFailures"] + progress["RecordIngestionFailures"]
    assert progress["RecordsProcessed"] == progress["RecordsIngested"] + failures
    assert progress["FileFailures"] <= len(s3.buckets["source"])
    failed = description["TaskStatus"] == "FAILED"
    assert failed == bool(failures or progress["FileFailures"])
    report = f"{task_id}/error_report.json"
    assert failed == (report in s3.buckets["reports"])
    for each in s3.document("reports", report)["fileErrors"] if failed else ():
        content = s3.buckets["source"][each["fileName"]]
        for error in each["errors"]:
            for first, last in error["lineRanges"]:
                assert 1 <= first <= last <= content.count(b"\n") + 1
