# SPDX-License-Identifier: MIT
"""A KMS in memory, with a key, an alias of it, and a key that is disabled."""

from __future__ import annotations

from typing import Any

from tests.unit.localaws.timestream.memory_s3 import refusal

KEYS = "arn:aws:kms:us-east-1:000000000000"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"{KEYS}:key/{KEY_ID}"
ALIAS_ARN = f"{KEYS}:alias/mine"
DISABLED_ID = "0000abcd-12ab-34cd-56ef-1234567890ab"


class MemoryKms:
    """What Timestream asks of a boto3 client."""

    def describe_key(self, *, KeyId: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        if KeyId in (KEY_ID, KEY_ARN, "alias/mine", ALIAS_ARN):
            return {"KeyMetadata": {"Arn": KEY_ARN, "Enabled": True}}
        if KeyId == DISABLED_ID:
            return {"KeyMetadata": {"Arn": f"{KEYS}:key/{DISABLED_ID}", "Enabled": False}}
        raise refusal("NotFoundException", 400)
