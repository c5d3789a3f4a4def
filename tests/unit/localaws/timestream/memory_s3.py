# SPDX-License-Identifier: MIT
"""An S3 in memory, with the calls that Timestream makes of a boto3 client."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from botocore.exceptions import ClientError


def refusal(code: str, status: int = 404) -> ClientError:
    answer = {"Error": {"Code": code, "Message": f"{code}."}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "S3")  # type: ignore[arg-type]


@dataclass
class MemoryS3:
    """Buckets by name, objects by key. `failure` is what each call raises, if anything."""

    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    puts: list[dict[str, Any]] = field(default_factory=list)
    gets: list[dict[str, Any]] = field(default_factory=list)
    failure: Exception | None = None

    def document(self, bucket: str, key: str) -> Any:
        return json.loads(self.buckets[bucket][key])

    def get_bucket_acl(self, *, Bucket: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        self._bucket(Bucket)
        return {}

    def get_paginator(self, operation: str) -> MemoryS3:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        keys = sorted(key for key in self._bucket(Bucket) if key.startswith(Prefix))
        for key in keys:
            body = self.buckets[Bucket][key]
            yield {"Contents": [{"Key": key, "Size": len(body), "ETag": _etag(body)}]}
        if not keys:
            yield {}

    def get_object(self, *, Bucket: str, Key: str, **more: str) -> dict[str, Any]:  # noqa: N803
        self.gets.append({"Bucket": Bucket, "Key": Key, **more})
        try:
            body = self._bucket(Bucket)[Key]
        except KeyError:
            raise refusal("NoSuchKey") from None
        if more.get("IfMatch", _etag(body)) != _etag(body):
            raise refusal("PreconditionFailed", 412)
        first, last = 0, len(body)
        if "Range" in more:
            first, last = map(int, more["Range"].removeprefix("bytes=").split("-"))
        return {"Body": io.BytesIO(body[first : last + 1])}

    def put_object(self, **request: Any) -> None:
        bucket = self._bucket(request["Bucket"])
        self.puts.append(request)
        bucket[request["Key"]] = request["Body"]

    def upload_fileobj(
        self,
        file: IO[bytes],
        bucket: str,
        key: str,
        ExtraArgs: dict[str, str],  # noqa: N803
        **_: Any,
    ) -> None:
        self.put_object(Bucket=bucket, Key=key, Body=file.read(), **ExtraArgs)

    def _bucket(self, name: str) -> dict[str, bytes]:
        if self.failure is not None:
            raise self.failure
        try:
            return self.buckets[name]
        except KeyError:
            raise refusal("NoSuchBucket") from None


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()}"'
