# SPDX-License-Identifier: MIT
"""A Timestream on a clock that tests move, with S3 and KMS, its answers held against botocore's model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

from localaws.timestream.service import Timestream
from tests.unit.localaws.timestream.memory_kms import MemoryKms
from tests.unit.localaws.timestream.memory_s3 import MemoryS3

MODELS = [
    ServiceModel(Loader().load_service_model(name, "service-2"), name)
    for name in ("timestream-write", "timestream-query")
]
JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "double": (float,),
    "timestamp": (float,),
}

NEW_YEAR = 1_767_225_600  # 2026-01-01T00:00:00Z


@dataclass
class Clock:
    seconds: float = NEW_YEAR

    def __call__(self) -> int:
        return round(self.seconds * 10**9)


def assert_fits(value: Any, shape: Shape, path: str) -> None:
    """Each member is known to the model and has its type, none that it requires is missing."""
    match shape:
        case StructureShape():
            assert set(value) <= set(shape.members), path
            assert set(shape.required_members) <= set(value), path
            for name, member in value.items():
                assert_fits(member, shape.members[name], f"{path}.{name}")
        case ListShape():
            assert isinstance(value, list), path
            for item in value:
                assert_fits(item, shape.member, f"{path}[]")
        case _:
            assert type(value) in JSON_TYPES[shape.type_name], path


Call = Callable[..., dict[str, Any]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def s3() -> MemoryS3:
    """The S3 beside it."""
    return MemoryS3({"source": {}, "reports": {}, "rejected": {}})


@pytest.fixture
def service(clock: Clock, s3: MemoryS3) -> Iterator[Timestream]:
    service = Timestream(
        "000000000000", "us-east-1", clock, client={"s3": s3, "kms": MemoryKms()}.__getitem__
    )
    yield service
    service.close()


@pytest.fixture
def call(service: Timestream) -> Call:
    def call(operation: str, **request: Any) -> dict[str, Any]:
        answer = service.call(operation, request, "http://127.0.0.1:4566")
        model = next(each for each in MODELS if operation in each.operation_names)
        output = model.operation_model(operation).output_shape
        if output is None:
            assert answer == {}
        else:
            assert_fits(answer, output, operation)
        return answer

    return call


@pytest.fixture
def table(call: Call) -> dict[str, str]:
    """A table with 24 hours of memory store, 365 days of magnetic store, magnetic writes on."""
    names = {"DatabaseName": "iot", "TableName": "sensor-data"}
    call("CreateDatabase", DatabaseName="iot")
    call(
        "CreateTable",
        **names,
        RetentionProperties={
            "MemoryStoreRetentionPeriodInHours": 24,
            "MagneticStoreRetentionPeriodInDays": 365,
        },
        MagneticStoreWriteProperties={"EnableMagneticStoreWrites": True},
    )
    return names
