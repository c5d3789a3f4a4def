# SPDX-License-Identifier: MIT
import json

import pytest

from localaws.timestream.batch import report
from localaws.timestream.batch.report import Errors

OUTSIDE = "The record timestamp is outside the time range of the data ingestion window."


def test_the_example_of_the_developer_guide() -> None:
    errors = Errors()
    for line in (2, 3):
        errors.add("example.csv", OUTSIDE, line, line)
    assert errors.report("9367BE28418C5EF902676482220B631C") == {
        "taskId": "9367BE28418C5EF902676482220B631C",
        "taskErrors": [],
        "fileErrors": [{"fileName": "example.csv", "errors": [{"reason": OUTSIDE, "lineRanges": [[2, 3]]}]}],
    }


def test_errors_are_apart_by_file_and_reason_and_in_ranges() -> None:
    errors = Errors()
    for file, reason, first, last in (
        ("a.csv", "x", 2, 2),
        ("a.csv", "y", 3, 4),
        ("a.csv", "x", 3, 3),
        ("a.csv", "x", 5, 5),
        ("b.csv", "x", 6, 6),
    ):
        errors.add(file, reason, first, last)
    assert errors.report("T")["fileErrors"] == [
        {
            "fileName": "a.csv",
            "errors": [
                {"reason": "x", "lineRanges": [[2, 3], [5, 5]]},
                {"reason": "y", "lineRanges": [[3, 4]]},
            ],
        },
        {"fileName": "b.csv", "errors": [{"reason": "x", "lineRanges": [[6, 6]]}]},
    ]


def test_a_row_with_several_errors_of_a_kind_is_one_range() -> None:
    errors = Errors()
    errors.add("a.csv", "x", 2, 3)
    errors.add("a.csv", "x", 2, 2)
    assert errors.report("T")["fileErrors"][0]["errors"][0]["lineRanges"] == [[2, 3]]


def test_an_error_of_the_task() -> None:
    errors = Errors()
    assert not errors
    errors.add_task("no files")
    assert errors
    assert errors.report("T")["taskErrors"] == [{"reason": "no files"}]


def test_it_outlives_the_process() -> None:
    errors = Errors()
    errors.add("a.csv", "x", 2, 2)
    kept = Errors(json.loads(json.dumps(errors.document)))
    kept.add("a.csv", "x", 3, 3)
    assert kept.report("T")["fileErrors"][0]["errors"] == [{"reason": "x", "lineRanges": [[2, 3]]}]


def test_it_says_how_many_errors_it_has_no_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RANGES", 2)
    errors = Errors()
    for line in (2, 4, 6, 8):
        errors.add("a.csv", "x" * 10_000, line, line)
    found = errors.report("T")
    assert found["fileErrors"][0]["errors"] == [
        {"reason": "x" * report.REASON_LENGTH, "lineRanges": [[2, 2], [4, 4]]}
    ]
    assert found["taskErrors"] == [{"reason": "2 more errors, in further lines, are not listed."}]
