# SPDX-License-Identifier: MIT
"""The S3 beside Timestream: where batch loads are read from and reports are written to.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_S3Configuration.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import IO, Any

from botocore.exceptions import ClientError

from localaws.errors import ValidationException

CHUNK_BYTES = 8 * 1024 * 1024

Document = dict[str, Any]


class S3:
    """The buckets of one account and region.

    :param client: a boto3 client of a service, by its name. S3's is made when it is first needed.
    """

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._make_client = client

    @cached_property
    def _client(self) -> Any:
        return self._make_client("s3")

    def require(self, bucket: str) -> None:
        """Refuse a bucket that isn't there or isn't the caller's.

        :raises ValidationException: with the reason that S3 gives.
        """
        try:
            self._client.get_bucket_acl(Bucket=bucket)
        except ClientError as error:
            raise ValidationException(f"The S3 bucket {bucket} can't be used: {reason(error)}") from error

    def objects(self, bucket: str, prefix: str) -> Iterator[Document]:
        """What a bucket holds under a prefix: Key, Size and ETag of each object, by key."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            yield from page.get("Contents", ())

    def chunks(self, bucket: str, key: str, etag: str, size: int, start: int = 0) -> Iterator[bytes]:
        """An object's bytes from a place on, never more than 8 MiB of them in memory.

        :raises ClientError: PreconditionFailed, if the object isn't the one of that ETag any more.
        """
        for first in range(start, size, CHUNK_BYTES):
            last = min(first + CHUNK_BYTES, size) - 1
            answer = self._client.get_object(
                Bucket=bucket, Key=key, IfMatch=etag, Range=f"bytes={first}-{last}"
            )
            yield answer["Body"].read()

    def read(self, bucket: str, key: str, limit: int) -> bytes:
        """An object's first bytes, at most `limit`."""
        body: bytes = self._client.get_object(Bucket=bucket, Key=key)["Body"].read(limit)
        return body

    def upload(self, bucket: str, key: str, file: IO[bytes], **encryption: str) -> None:
        """Write a file, from where it stands to its end; a large one in parts.

        :raises ClientError: S3 refuses it.
        """
        from boto3.s3.transfer import TransferConfig  # 0.2 s, not of every server's start

        in_this_thread = TransferConfig(use_threads=False)
        self._client.upload_fileobj(file, bucket, key, ExtraArgs=encryption, Config=in_this_thread)

    def write_json(self, configuration: Document, name: str, document: Document) -> str:
        """Write a document to an S3Configuration's bucket, under its prefix, encrypted as it says.

        :return: the object's key.
        """
        prefix = configuration.get("ObjectKeyPrefix", "")
        key = f"{prefix.rstrip('/')}/{name}" if prefix else name
        self._client.put_object(
            Bucket=configuration["BucketName"],
            Key=key,
            Body=json.dumps(document, indent=2).encode(),
            ContentType="application/json",
            **_encryption(configuration),
        )
        return key


def reason(error: ClientError) -> str:
    """What S3 says went wrong."""
    answer = error.response["Error"]
    return f"{answer.get('Code')}: {answer.get('Message')}"


def is_users(error: ClientError) -> bool:
    """Whether an error is the user's to mend (a bucket deleted, a right withheld) and not S3's own."""
    return 400 <= error.response["ResponseMetadata"]["HTTPStatusCode"] < 500


def _encryption(configuration: Document) -> Document:
    if configuration.get("EncryptionOption") != "SSE_KMS":
        return {"ServerSideEncryption": "AES256"}
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": configuration["KmsKeyId"]}
