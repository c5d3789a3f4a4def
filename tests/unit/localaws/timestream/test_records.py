# SPDX-License-Identifier: MIT
"""A request's records are merged, parsed and checked as the API reference and the quotas page say."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.errors import ValidationException
from localaws.timestream.records import Record, metered, parse

SINGLE: dict[str, Any] = {"MeasureName": "temperature", "MeasureValue": "21.5", "Time": "1767225600000"}
DEVICE = {"Name": "device_id", "Value": "d1"}
PLACE = {"Name": "location", "Value": "lab"}


def one(common: dict[str, Any] | None = None, **record: Any) -> Record:
    """The record, of the device if of no other."""
    if not (common or {}).get("Dimensions"):
        record.setdefault("Dimensions", [DEVICE])
    [parsed] = parse({"CommonAttributes": common, "Records": [record]})
    return parsed


def values(record: Record) -> dict[str, Any]:
    names = [name for name, _ in record.measures.columns]
    return dict(zip(names, record.values, strict=True))


def multi(**values: tuple[str, str]) -> dict[str, Any]:
    measures = [{"Name": name, "Type": kind, "Value": text} for name, (kind, text) in values.items()]
    return {
        "MeasureName": "readings",
        "MeasureValueType": "MULTI",
        "Time": "1767225600000",
        "MeasureValues": measures,
    }


def single(kind: str, text: str) -> Any:
    record = one(**{**SINGLE, "MeasureValueType": kind, "MeasureValue": text})
    return values(record)[f"measure_value::{kind.lower()}"]


def test_a_record_with_defaults_is_a_double_in_milliseconds_of_version_1() -> None:
    record = one(**SINGLE, Dimensions=[DEVICE])
    assert values(record) == {"measure_value::double": 21.5}
    assert record.time == 1_767_225_600_000_000_000
    assert record.version == 1
    assert record.series == ("temperature", (("device_id", "d1"),))
    assert record.refusal is None


def test_common_attributes_are_merged_and_a_records_own_come_first() -> None:
    common = {
        "Dimensions": [DEVICE],
        "MeasureName": "temperature",
        "MeasureValueType": "BIGINT",
        "Time": "1",
        "TimeUnit": "SECONDS",
        "Version": 7,
    }
    own = {"Dimensions": [{"Name": "location", "Value": "lab"}], "MeasureValue": "21", "Time": "2"}
    record = one(common, **own)
    assert record.dimensions.values == {"device_id": "d1", "location": "lab"}
    assert (record.measures.name, values(record)) == ("temperature", {"measure_value::bigint": 21})
    assert (record.time, record.version) == (2 * 10**9, 7)


@pytest.mark.parametrize(
    ("unit", "nanoseconds"),
    [("SECONDS", 10**9), ("MILLISECONDS", 10**6), ("MICROSECONDS", 10**3), ("NANOSECONDS", 1)],
)
def test_every_time_unit_reaches_the_nanosecond(unit: str, nanoseconds: int) -> None:
    assert one(**{**SINGLE, "Time": "1234567", "TimeUnit": unit}).time == 1234567 * nanoseconds


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_bigint_has_64_bits(number: int) -> None:
    assert single("BIGINT", str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_kept_exactly(number: float) -> None:
    value = single("DOUBLE", repr(number))
    assert value == number
    assert math.copysign(1, number) == math.copysign(1, value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("BOOLEAN", "true", True),
        ("BOOLEAN", "FALSE", False),
        ("VARCHAR", "wärm", "wärm"),
        ("BIGINT", "+7", 7),
        ("DOUBLE", "-1e3", -1000.0),
    ],
)
def test_values_of_each_type(kind: str, text: str, value: object) -> None:
    assert single(kind, text) == value
    assert type(single(kind, text)) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("BIGINT", "1.0"),
        ("BIGINT", "9223372036854775808"),
        ("BIGINT", "1_000"),
        ("BIGINT", "٣"),
        ("BOOLEAN", "1"),
        ("DOUBLE", "warm"),
        ("DOUBLE", "1_0"),
        # https://docs.aws.amazon.com/timestream/latest/developerguide/supported-data-types.html:
        # infinity and NaN can't be written.
        ("DOUBLE", "NaN"),
        ("DOUBLE", "Infinity"),
        ("DOUBLE", "-Infinity"),
        ("DOUBLE", "1e999"),
    ],
)
def test_unreadable_values(kind: str, text: str) -> None:
    with pytest.raises(ValidationException, match=r"^Invalid measure value for record"):
        single(kind, text)


@pytest.mark.parametrize("time", [None, "", "now", "1.5", "2026-01-01T00:00:00Z"])
def test_an_unreadable_time(time: str | None) -> None:
    # The whole message as AWS answers it: https://github.com/boto/boto3/issues/4239
    with pytest.raises(ValidationException, match=r"^Invalid time for record\.$"):
        one(**{**SINGLE, "Time": time})


def test_a_multi_measure_record_has_a_column_a_measure() -> None:
    record = one(
        **multi(
            Temperature=("DOUBLE", "21.5"),
            count=("BIGINT", "3"),
            ok=("BOOLEAN", "true"),
            note=("VARCHAR", "x"),
            seen=("TIMESTAMP", "1767225600001"),
        )
    )
    assert values(record) == {
        "temperature": 21.5,
        "count": 3,
        "ok": True,
        "note": "x",
        "seen": 1_767_225_600_001_000_000,
    }
    assert record.measures.given[0] == ("Temperature", "DOUBLE")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({**SINGLE, "MeasureName": None}, "measure name is required"),
        ({**SINGLE, "Dimensions": []}, r"^At least one dimension is required for a record\.$"),
        ({**SINGLE, "Version": 0}, "must be 1 or greater"),
        ({**SINGLE, "MeasureValue": None}, "takes one MeasureValue"),
        ({**SINGLE, "MeasureValueType": "MULTI"}, "takes MeasureValues"),
        ({**SINGLE, "MeasureValueType": "TIMESTAMP"}, "only allowed in multi-measure"),
        ({**SINGLE, "MeasureValues": multi(a=("DOUBLE", "1"))["MeasureValues"]}, "takes one MeasureValue"),
        ({**multi(a=("DOUBLE", "1")), "MeasureValue": "1"}, "takes MeasureValues"),
        (multi(a=("MULTI", "1")), "can't be of type MULTI"),
        (multi(a=("DOUBLE", "1"), A=("DOUBLE", "2")), "Duplicate measure names"),
        (multi(time=("DOUBLE", "1")), "The name time is reserved"),
    ],
)
def test_a_malformed_record(record: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        one(**record)


@pytest.mark.parametrize("own", ["device_id", "DEVICE_ID"])
def test_a_dimension_may_not_be_common_and_a_records_own(own: str) -> None:
    with pytest.raises(ValidationException, match="Duplicate dimension names"):
        one({"Dimensions": [DEVICE]}, **SINGLE, Dimensions=[{"Name": own, "Value": "d2"}])


@pytest.mark.parametrize(
    "name",
    [
        "time",
        "Time",
        "measure_value",
        "measure_value::double",
        "measure_name",
        "measure_names",
        "ts_x",
        "a:b",
        "a\0b",
    ],
)
def test_reserved_names(name: str) -> None:
    with pytest.raises(ValidationException, match="reserved"):
        one(**SINGLE, Dimensions=[{"Name": name, "Value": "x"}])


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({**SINGLE, "Dimensions": [{"Name": "ä" * 31, "Value": ""}]}, "longer than 60 bytes"),
        ({**SINGLE, "MeasureName": "m" * 257}, "longer than 256 bytes"),
        (multi(**{"m" * 257: ("DOUBLE", "1")}), "longer than 256 bytes"),
        (multi(**{f"m{n}": ("BOOLEAN", "true") for n in range(257)}), "more than 256 measures"),
        (
            {**SINGLE, "Dimensions": [{"Name": "d", "Value": "x" * 2048}]},
            "dimensions of the record have more",
        ),
        (multi(a=("VARCHAR", "x" * 2000), b=("VARCHAR", "x" * 49)), "values of the record have more"),
    ],
)
def test_what_is_over_a_limit_is_refused_alone(record: dict[str, Any], reason: str) -> None:
    assert reason in str(one(**record).refusal)


def test_what_is_just_within_the_limits_is_not() -> None:
    record = one(**multi(**{f"m{n}": ("DOUBLE", "1") for n in range(256)}))
    assert record.refusal is None
    assert one(**SINGLE, Dimensions=[{"Name": "ä" * 30, "Value": "x"}]).refusal is None
    assert one(**SINGLE, Dimensions=[{"Name": "d", "Value": "x" * 2047}]).refusal is None
    assert one(**multi(a=("VARCHAR", "x" * 2000), b=("VARCHAR", "x" * 48))).refusal is None


def test_a_record_without_the_required_dimension_is_refused() -> None:
    with_it, without = parse(
        {"Records": [{**SINGLE, "Dimensions": [each]} for each in (DEVICE, PLACE)]}, "Device_ID"
    )
    assert with_it.refusal is None
    assert "the dimension Device_ID" in str(without.refusal)


def test_metered_bytes_of_a_record() -> None:
    # AWS's pricing page: 8 for the time, names and values, 8 a double, 1 a boolean, text by its UTF-8.
    key = 8 + len("device_id") + len("d1")
    assert one(**SINGLE).size == key + len("temperature") + 8
    several = one(**multi(on=("BOOLEAN", "true"), note=("VARCHAR", "ä"), seen=("TIMESTAMP", "1")))
    assert several.size == key + len("readings") + len("on") + 1 + len("note") + 2 + len("seen") + 8


# AWS's worked example: an event of 83 bytes, 100 of them every 5 seconds
# https://docs.aws.amazon.com/timestream/latest/developerguide/metering-and-pricing.writes.html
EVENT = {
    "Dimensions": [
        {"Name": "region", "Value": "us-east-1"},
        {"Name": "az", "Value": "1d"},
        {"Name": "vpc", "Value": "vpc-1a2b3c4d"},
    ],
    "MeasureName": "cpu_utilization",
    "Time": "1602983435238563000",
    "TimeUnit": "NANOSECONDS",
}
HOST = {"Dimensions": [{"Name": "hostname", "Value": "host-24Gju"}], "MeasureValue": "35.0"}


def writes(count: int) -> int:
    """How many writes AWS takes so many events in one request for."""
    own = {**EVENT, **HOST, "Dimensions": [*EVENT["Dimensions"], *HOST["Dimensions"]]}
    return metered(parse({"Records": [own] * count})) // 1024


def test_awss_example_of_metering() -> None:
    assert one(EVENT, **HOST).size == 83
    assert 100 * writes(1) == 100
    assert 8 * writes(12) + writes(4) == 9
    # "If common attributes are being used": the time is an event's own
    common = {name: value for name, value in EVENT.items() if name != "Time"}
    own = {**HOST, "Time": EVENT["Time"]}
    records = list(parse({"CommonAttributes": common, "Records": [own] * 100}))
    assert {record.common for record in records} == {15 + 4 + 15 + 15}
    assert metered(records) // 1024 == -(-(49 + 100 * 34) // 1024)


COMMON_ATTRIBUTES: dict[str, Any] = {
    "Dimensions": [PLACE],
    "MeasureName": "readings",
    "Time": "1767225600000",
    "MeasureValueType": "MULTI",
    "MeasureValues": [{"Name": "state", "Type": "VARCHAR", "Value": "ok"}],
}


@given(st.sets(st.sampled_from(sorted(COMMON_ATTRIBUTES))), st.integers(1, 5))
def test_what_is_common_is_metered_once(shared: set[str], count: int) -> None:
    common = {name: value for name, value in COMMON_ATTRIBUTES.items() if name in shared}
    own = {name: value for name, value in COMMON_ATTRIBUTES.items() if name not in shared}
    own["Dimensions"] = [DEVICE, *own.get("Dimensions", [])]
    sizes = {
        "Dimensions": len("locationlab"),
        "MeasureName": len("readings"),
        "Time": 8,
        "MeasureValues": len("stateok"),
    }
    once = sum(size for name, size in sizes.items() if name in shared)
    each = sum(size for name, size in sizes.items() if name not in shared) + len("device_idd1")
    records = list(parse({"CommonAttributes": common, "Records": [own] * count}))
    assert [(record.size, record.common) for record in records] == [(once + each, once)] * count
    assert metered(records) == -(-(once + count * each) // 1024) * 1024


@given(st.integers(-3, 3), st.integers(-3, 3))
def test_digests_tell_values_apart(left: int, right: int) -> None:
    digests = [one(**multi(a=("BIGINT", str(number)))).digest for number in (left, right)]
    assert (digests[0] == digests[1]) == (left == right)


def test_the_order_of_measures_and_the_spelling_of_a_number_make_no_difference() -> None:
    one_way = one(**multi(a=("DOUBLE", "1"), b=("DOUBLE", "2.50")))
    other = one(**multi(b=("DOUBLE", "2.5"), a=("DOUBLE", "1.0")))
    assert one_way.digest == other.digest


def test_a_digest_is_the_same_in_every_process() -> None:
    source = (
        "from tests.unit.localaws.timestream.test_records import *;"
        "print(one(**multi(a=('VARCHAR', 'x'), b=('DOUBLE', '1'))).digest)"
    )
    environ = {**os.environ, "PYTHONHASHSEED": "1"}
    output = subprocess.run([sys.executable, "-c", source], env=environ, capture_output=True, check=True)
    assert int(output.stdout) == one(**multi(a=("VARCHAR", "x"), b=("DOUBLE", "1"))).digest
