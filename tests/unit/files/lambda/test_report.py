# SPDX-License-Identifier: MIT
from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from ingest.jsontext import to_json
from ingest.payloads import Message
from ingest.readings import Origin, Refusal
from ingest.report import MESSAGE_BYTES, Report

DIMENSIONS = ("device_id",)


def refusal(index: int, body: object = None, queue_id: str | None = None, reason: str = "bad") -> Refusal:
    return Refusal(Origin(Message(index, body, 0, queue_id)), reason)


def test_the_error_is_the_report() -> None:
    report = Report(3, [refusal(1, {"device_id": "s1"})], DIMENSIONS)
    assert json.loads(str(report.error())) == {
        "received": 3,
        "stored": 2,
        "rejected": [{"index": 1, "reason": "bad", "reading": {"device_id": "s1"}}],
    }


def test_the_counts_come_first_where_a_dead_letter_keeps_but_the_first_kib() -> None:
    assert str(Report(1, [refusal(0)], DIMENSIONS).error()).startswith(
        '{"received": 1, "stored": 0, "rejected": ['
    )


@given(
    st.lists(st.text(max_size=2000), max_size=40),
    st.lists(st.text(max_size=300), min_size=1, max_size=40),
)
def test_the_error_is_bounded_and_leaves_nothing_out_unsaid(bodies: list[str], reasons: list[str]) -> None:
    refusals = [refusal(i, body, reason=reasons[i % len(reasons)]) for i, body in enumerate(bodies)]
    message = str(Report(len(refusals), refusals, DIMENSIONS).error())
    report = json.loads(message)
    assert len(message.encode()) <= MESSAGE_BYTES + 100
    assert len(report["rejected"]) + report.get("left_out", 0) == report["received"] - report["stored"]
    for entry, body in zip(report["rejected"], bodies, strict=False):
        assert entry.get("reading", body) == body


def test_a_long_reading_is_left_to_the_log() -> None:
    report = Report(1, [refusal(0, "x" * 5000)], DIMENSIONS)
    assert json.loads(str(report.error()))["rejected"] == [{"index": 0, "reason": "bad"}]
    assert report.entries()[0]["reading"] == "x" * 5000


def test_a_queue_gets_each_failed_message_once() -> None:
    refusals = [refusal(0, queue_id="a"), refusal(1, queue_id="a"), refusal(2, queue_id="b")]
    answer = Report(5, refusals, DIMENSIONS).batch_answer()
    assert answer == {"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]}


def test_json_is_strict_and_shallow() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    deep: object = float("nan")
    for _ in range(900):
        deep = [deep]
    text = to_json({"deep": deep, "odd": [float("nan"), float("-inf")], "half": "\ud800"})
    assert json.loads(text, parse_constant=refuse)["odd"] == ["NaN", "-Infinity"]
    assert '"..."' in text
