# SPDX-License-Identifier: MIT
"""The keys that databases are encrypted with, as the KMS beside Timestream knows them.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_UpdateDatabase.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import ValidationException

Document = dict[str, Any]


class Kms:
    """The KMS of one account and region.

    :param client: a boto3 client of a service, by its name. KMS's is made when it is first needed.
    """

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._make_client = client

    @cached_property
    def _client(self) -> Any:
        return self._make_client("kms")

    def resolved(self, request: Document) -> Document:
        """A request whose KmsKeyId, a key's id, alias or ARN of either, is the key's ARN.

        :raises ValidationException: there is no such key, or it is disabled.
        """
        key = request.get("KmsKeyId")
        if key is None:
            return request
        try:
            found = self._client.describe_key(KeyId=key)["KeyMetadata"]
        except ClientError as error:
            raise ValidationException(f"The KMS key {key} can't be used: {error}") from error
        if not found["Enabled"]:
            raise ValidationException(f"The KMS key {key} is not enabled.")
        return {**request, "KmsKeyId": found["Arn"]}
