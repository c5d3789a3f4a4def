# SPDX-License-Identifier: MIT
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest.payloads import Message
from ingest.readings import Origin, Reading
from ingest.records import MAX_RECORDS, Batch, batches, parameters
from ingest.settings import RecordModel

ORIGIN = Origin(Message(0, {}, 0))
MODELS: list[RecordModel] = ["single", "multi"]


def reading(device: str = "s1", time: int = 1, measure: str = "temperature", value: str = "1.0") -> Reading:
    return Reading(ORIGIN, (("device_id", device), ("location", "hall")), time, measure, "DOUBLE", value)


def reassembled(batch: Batch) -> list[dict[str, Any]]:
    """The records of a request as WriteRecords puts them together."""
    asked = parameters(batch)
    common = asked["CommonAttributes"]
    for record in asked["Records"]:
        assert not common.keys() & record.keys() - {"Dimensions"}
        names = [it["Name"] for it in (*common.get("Dimensions", ()), *record.get("Dimensions", ()))]
        assert len(names) == len(set(names))
    return [
        common | it | {"Dimensions": by_name(common.get("Dimensions", []) + it.get("Dimensions", []))}
        for it in asked["Records"]
    ]


def by_name(dimensions: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(dimensions, key=lambda dimension: dimension["Name"])


many_readings = st.lists(
    st.builds(
        Reading,
        st.just(ORIGIN),
        st.tuples(
            st.tuples(st.just("device_id"), st.sampled_from("abc")),
            st.tuples(st.just("location"), st.sampled_from("xy")),
        ),
        st.integers(1, 60),
        st.sampled_from(["temperature", "humidity", "door"]),
        st.sampled_from(["DOUBLE", "VARCHAR"]),
        st.sampled_from(["1.0", "2.0"]),
    ),
    max_size=250,
)


@given(many_readings, st.sampled_from(MODELS))
def test_requests_say_the_same_as_their_records(readings: list[Reading], model: RecordModel) -> None:
    requests = batches(readings, model)
    for batch in requests:
        assert 1 <= len(batch) <= MAX_RECORDS
        assert reassembled(batch) == [
            it.fields | {"Dimensions": by_name(it.fields["Dimensions"])} for it in batch
        ]
    carried = [it for batch in requests for record in batch for it in record.readings]
    assert sorted(carried, key=repr) == sorted(readings, key=repr)
    assert sum(len(batch) == MAX_RECORDS for batch in requests) >= len(requests) - 1


@given(many_readings)
def test_a_single_measure_record_is_its_reading(readings: list[Reading]) -> None:
    for record in (record for batch in batches(readings, "single") for record in batch):
        (it,) = record.readings
        assert record.fields == {
            "Dimensions": [{"Name": name, "Value": value} for name, value in it.dimensions],
            "Time": str(it.time_ns),
            "TimeUnit": "NANOSECONDS",
            "MeasureName": it.measure,
            "MeasureValueType": it.type,
            "MeasureValue": it.value,
        }


@given(many_readings)
def test_a_multi_measure_record_holds_what_is_of_one_series_and_time(readings: list[Reading]) -> None:
    for record in (record for batch in batches(readings, "multi") for record in batch):
        values = record.fields["MeasureValues"]
        assert {(it["Name"], it["Type"], it["Value"]) for it in values} == {
            (it.measure, it.type, it.value) for it in record.readings
        }
        assert len({it["Name"] for it in values}) == len(values)
        assert len({(it.dimensions, it.time_ns) for it in record.readings}) == 1


def test_what_a_message_shares_is_said_once() -> None:
    measures = ["humidity", "pressure", "temperature", "vibration"]
    (batch,) = batches([reading(measure=name, value=f"{i}.0") for i, name in enumerate(measures)], "single")
    assert parameters(batch) == {
        "CommonAttributes": {
            "MeasureValueType": "DOUBLE",
            "Time": "1",
            "TimeUnit": "NANOSECONDS",
            "Dimensions": [{"Name": "device_id", "Value": "s1"}, {"Name": "location", "Value": "hall"}],
        },
        "Records": [{"MeasureName": name, "MeasureValue": f"{i}.0"} for i, name in enumerate(measures)],
    }


def test_a_multi_measure_record_joins_messages_of_one_series_and_time() -> None:
    ((record,),) = batches(
        [reading(measure="temperature"), reading(measure="humidity", value="2.0")], "multi"
    )
    assert record.fields["MeasureName"] == "readings"
    assert record.fields["MeasureValueType"] == "MULTI"
    assert record.fields["MeasureValues"] == [
        {"Name": "humidity", "Type": "DOUBLE", "Value": "2.0"},
        {"Name": "temperature", "Type": "DOUBLE", "Value": "1.0"},
    ]


def test_the_same_again_needs_no_record_but_another_value_does() -> None:
    (batch,) = batches([reading(), reading(), reading(value="2.0")], "multi")
    assert [len(record.readings) for record in batch] == [2, 1]


@pytest.mark.parametrize(("model", "requests"), [("single", 40), ("multi", 10)])
def test_a_thousand_messages_of_four_readings(model: RecordModel, requests: int) -> None:
    """4,000 single-measure or 1,000 multi-measure records, a hundred a request."""
    readings = [
        reading(f"s{i % 10}", i, measure)
        for i in range(1000)
        for measure in ("temperature", "humidity", "pressure", "vibration")
    ]
    assert len(batches(readings, model)) == requests


def test_a_series_stays_together_in_order_of_time() -> None:
    (batch,) = batches([reading("b", 2), reading("a", 2), reading("b", 1), reading("a", 1)], "single")
    order = [(record.readings[0].dimensions[0][1], record.readings[0].time_ns) for record in batch]
    assert order == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]
