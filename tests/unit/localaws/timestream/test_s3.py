# SPDX-License-Identifier: MIT
import pytest

from localaws.errors import ValidationException
from localaws.timestream import s3
from localaws.timestream.s3 import S3, is_users
from tests.unit.localaws.timestream.memory_s3 import MemoryS3, refusal


@pytest.fixture
def memory() -> MemoryS3:
    return MemoryS3({"mine": {"a": b"0123456789", "b/": b"", "b/c": b"x"}})


@pytest.fixture
def storage(memory: MemoryS3) -> S3:
    return S3({"s3": memory}.__getitem__)


def test_a_client_is_made_when_it_is_needed(memory: MemoryS3) -> None:
    made: list[str] = []

    def client(service: str) -> MemoryS3:
        made.append(service)
        return memory

    storage = S3(client)
    assert made == []
    storage.require("mine")
    storage.require("mine")
    assert made == ["s3"]


def test_a_bucket_must_be_there(storage: S3) -> None:
    with pytest.raises(ValidationException, match=r"The S3 bucket none can't be used: NoSuchBucket"):
        storage.require("none")


def test_objects_by_prefix(storage: S3) -> None:
    assert [(each["Key"], each["Size"]) for each in storage.objects("mine", "b")] == [("b/", 0), ("b/c", 1)]


@pytest.mark.parametrize(
    ("start", "expected"), [(0, [b"0123", b"4567", b"89"]), (3, [b"3456", b"789"]), (10, [])]
)
def test_an_object_comes_in_chunks(
    storage: S3, monkeypatch: pytest.MonkeyPatch, start: int, expected: list[bytes]
) -> None:
    monkeypatch.setattr(s3, "CHUNK_BYTES", 4)
    [listed] = storage.objects("mine", "a")
    assert list(storage.chunks("mine", "a", listed["ETag"], listed["Size"], start)) == expected


@pytest.mark.parametrize(
    ("prefix", "key"),
    [
        ({}, "name.json"),
        ({"ObjectKeyPrefix": "a/b"}, "a/b/name.json"),
        ({"ObjectKeyPrefix": "a/"}, "a/name.json"),
    ],
)
def test_a_document_is_written_under_the_prefix(
    storage: S3, memory: MemoryS3, prefix: dict[str, str], key: str
) -> None:
    assert storage.write_json({"BucketName": "mine", **prefix}, "name.json", {"é": 1}) == key
    assert memory.document("mine", key) == {"é": 1}
    assert memory.puts[0]["ContentType"] == "application/json"


def test_whose_error_it_is() -> None:
    assert is_users(refusal("AccessDenied", 403))
    assert not is_users(refusal("InternalError", 500))
