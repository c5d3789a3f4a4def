# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from ingest import handler
from ingest.logs import Log
from ingest.report import ReadingsNotStoredError, Report
from ingest.settings import RecordModel, Settings
from ingest.writer import Writer

RECIPE_PAYLOAD = {
    "device_id": "test-sensor-001",
    "location": "test-facility",
    "sensors": {"temperature": 25.5, "humidity": 65.2, "pressure": 1013.25, "vibration": 0.05},
}
SERIES = {"device_id": "s1", "location": "hall", "timestamp": 1_700_000_000}
CONTEXT = SimpleNamespace(aws_request_id="r1", get_remaining_time_in_millis=lambda: 60_000)


@pytest.fixture
def handle(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The entry point, its client the table's."""
    monkeypatch.setattr(handler, "shared_client", lambda: writer.client)
    monkeypatch.setenv("DATABASE_NAME", "db")
    monkeypatch.setenv("TABLE_NAME", "sensor-data")
    return lambda event: handler.handle(event, CONTEXT)


def queue_record(message_id: str, body: object) -> dict[str, Any]:
    return {"messageId": message_id, "body": json.dumps(body), "eventSource": "aws:sqs"}


def log_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_recipes_payload_is_stored(handle: Any, table: Any) -> None:
    assert handle(RECIPE_PAYLOAD) == {"received": 4, "stored": 4}
    assert table.values() == {
        "temperature": "25.5",
        "humidity": "65.2",
        "pressure": "1013.25",
        "vibration": "0.05",
    }


def test_readings_without_a_time_do_not_fall_on_each_other(handle: Any, table: Any) -> None:
    event = [RECIPE_PAYLOAD, RECIPE_PAYLOAD | {"sensors": {"temperature": 26, "humidity": 66}}]
    assert handle(event) == {"received": 6, "stored": 6}
    assert len(table.rows) == 6


def test_what_is_good_is_stored_before_the_rest_is_raised(handle: Any, table: Any) -> None:
    event = [SERIES | {"temperature": 21}, "junk", SERIES | {"temperature": 21, "humidity": None}]
    with pytest.raises(ReadingsNotStoredError) as error:
        handle(event)
    report = json.loads(str(error.value))
    assert (report["received"], report["stored"]) == (4, 2)
    assert report["rejected"] == [
        {
            "index": 1,
            "reason": 'message: "junk" is not an object; allowed: a JSON object',
            "reading": "junk",
        },
        {
            "index": 2,
            "reason": "humidity: null is not a value; allowed: a number, a boolean or text",
            "reading": SERIES | {"metric_name": "humidity", "measurement": None},
        },
    ]
    assert table.values() == {"temperature": "21.0"}


def test_a_redelivery_changes_nothing(handle: Any, table: Any) -> None:
    event = SERIES | {"temperature": 21}
    assert handle(event) == handle(event) == {"received": 1, "stored": 1}
    assert len(table.rows) == 1


@pytest.mark.parametrize("model", ["single", "multi"])
def test_another_value_for_the_same_time_is_reported_and_the_first_stays(
    handle: Any, table: Any, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORD_MODEL", model)
    with pytest.raises(ReadingsNotStoredError) as error:
        handle([SERIES | {"temperature": 21, "humidity": 40}, SERIES | {"temperature": 22}])
    report = json.loads(str(error.value))
    assert (report["received"], report["stored"]) == (3, 2)
    ((index, reading),) = [(it["index"], it["reading"]) for it in report["rejected"]]
    assert (index, reading["measurement"]) == (1, 22)
    assert "A record already exists with the same time" in report["rejected"][0]["reason"]


def test_a_queue_gets_the_ids_of_the_messages_that_failed(handle: Any, table: Any) -> None:
    event = {
        "Records": [
            queue_record("good", SERIES | {"temperature": 21}),
            queue_record("half", [SERIES | {"humidity": 40}, SERIES | {"pressure": None}]),
            {"messageId": "poison", "body": "{", "eventSource": "aws:sqs"},
        ]
    }
    assert handle(event) == {"batchItemFailures": [{"itemIdentifier": "half"}, {"itemIdentifier": "poison"}]}
    assert table.values() == {"temperature": "21.0", "humidity": "40.0"}
    assert handle({"Records": event["Records"][:1]}) == {"batchItemFailures": []}


def test_a_failing_service_fails_every_message_of_a_queue(handle: Any, table: Any) -> None:
    table.fault = lambda _: ("InternalServerException", "", 500)
    event = {"Records": [queue_record(message_id, SERIES | {"temperature": 21}) for message_id in "abc"]}
    assert [it["itemIdentifier"] for it in handle(event)["batchItemFailures"]] == ["a", "b", "c"]


def test_the_log_has_a_line_an_invocation_and_a_line_a_refusal(
    handle: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ReadingsNotStoredError):
        handle([SERIES | {"temperature": 21}, "x" * 5000])
    refused, ingested = log_lines(capsys)
    assert refused == {
        "level": "WARNING",
        "event": "reading not stored",
        "request_id": "r1",
        "index": 1,
        "reason": refused["reason"],
        "reading": "x" * 5000,
    }
    assert ingested["milliseconds"] >= 0
    assert ingested == {
        "level": "ERROR",
        "event": "ingested",
        "request_id": "r1",
        "received": 2,
        "stored": 1,
        "rejected": 1,
        "requests": 1,
        "milliseconds": ingested["milliseconds"],
    }


@pytest.mark.parametrize(
    ("variables", "levels"),
    [
        ({}, ["INFO"]),
        ({"LOG_LEVEL": "WARNING"}, []),
        ({"LOG_LEVEL": "DEBUG"}, ["DEBUG", "INFO"]),
        ({"LOG_LEVEL": "ERROR", "DEBUG": "true"}, ["DEBUG", "INFO"]),
    ],
)
def test_the_log_level_is_honoured(
    handle: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    levels: list[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    handle(SERIES | {"temperature": 21})
    assert [line["level"] for line in log_lines(capsys)] == levels


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["1", "NaN", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
field_names = st.sampled_from(
    [
        "device_id",
        "location",
        "timestamp",
        "sensors",
        "measurements",
        "measurement",
        "metric_name",
        "value",
        "t",
        "time",
    ]
)
plausible_messages = st.fixed_dictionaries(
    {"device_id": st.sampled_from(["s1", "s2", 3]), "location": st.just("hall")},
    optional={
        "timestamp": st.sampled_from([1_700_000_000, "2026-01-01T00:00:00Z", 0.5, "soon"]),
        "sensors": st.dictionaries(
            st.sampled_from(["t", "h", "time"]), st.floats() | st.booleans() | st.text()
        ),
        "t": st.integers(0, 2),
    },
)
any_messages = plausible_messages | st.dictionaries(field_names, json_values) | json_values
queue_batches = st.lists(st.tuples(st.uuids().map(str), any_messages | st.lists(any_messages))).map(
    lambda records: {"Records": [queue_record(message_id, body) for message_id, body in records]}
)
models: st.SearchStrategy[RecordModel] = st.sampled_from(["single", "multi"])


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(any_messages | st.lists(any_messages, max_size=8) | queue_batches, models)
def test_of_any_payload_every_reading_is_stored_or_reported(
    writer: Writer, table: Any, settings: Settings, event: object, model: RecordModel
) -> None:
    table.rows.clear()
    ours = replace(settings, record_model=model)
    report = handler.ingest(event, ours, writer, Log("CRITICAL", "r1"))
    assert report.received == report.counts["stored"] + len(report.entries())
    assert (report.counts["stored"] > 0) == bool(table.rows)
    stored_values = [len(it) if isinstance(it, list) else 1 for _, it in table.rows.values()]
    assert report.counts["stored"] >= sum(stored_values)  # more where the same reading came twice
    json.loads(str(report.error()))
    assert_reported_readings_are_refused_again(report, ours, writer)


def assert_reported_readings_are_refused_again(report: Report, settings: Settings, writer: Writer) -> None:
    """What is wrong with a reading is in what is reported of it."""
    wrong = [entry for entry in report.entries() if "Timestream" not in entry["reason"]]
    for entry in wrong:
        alone = handler.ingest([entry["reading"]], settings, writer, Log("CRITICAL", "r1"))
        assert alone.counts == {"received": 1, "stored": 0}
