# SPDX-License-Identifier: MIT
"""The tags of alarms and dashboards, by ARN.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localaws.cloudwatch.errors import ResourceNotFoundException, ValidationError
from localaws.timestream.documents import Documents

KIND = "tags"
TAGS = 50

Document = dict[str, Any]


class Tags:
    """The tags of one account and region."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._by_arn: dict[str, dict[str, str]] = documents.all(KIND)

    def put(self, arn: str, tags: Iterable[Document]) -> None:
        """Add tags to a resource, which with that becomes one that can be tagged."""
        merged = {**self._by_arn.get(arn, {}), **{tag["Key"]: tag["Value"] for tag in tags}}
        if reserved := [key for key in merged if key.lower().startswith("aws:")]:
            raise ValidationError(f'The tag key {reserved[0]} must not start with any case of "aws:"')
        if len(merged) > TAGS:
            raise ValidationError(f"The resultant tag set must not have more than {TAGS} user tags.")
        self._keep(arn, merged)

    def replace(self, arn: str, tags: Iterable[Document]) -> None:
        """Give a resource these tags and no others, AWS's own among them."""
        self._keep(arn, {tag["Key"]: tag.get("Value", "") for tag in tags})

    def drop(self, arn: str) -> None:
        """Forget a resource."""
        self._by_arn.pop(arn, None)
        self._documents.delete(KIND, arn)

    def tag_resource(self, request: Document) -> Document:
        """TagResource."""
        self._of(request)
        self.put(request["ResourceARN"], request["Tags"])
        return {}

    def untag_resource(self, request: Document) -> Document:
        """UntagResource; a key that isn't there is no error."""
        gone = request["TagKeys"]
        kept = {key: value for key, value in self._of(request).items() if key not in gone}
        self._keep(request["ResourceARN"], kept)
        return {}

    def list_tags_for_resource(self, request: Document) -> Document:
        """ListTagsForResource."""
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._of(request).items()]}

    def _keep(self, arn: str, tags: dict[str, str]) -> None:
        self._by_arn[arn] = tags
        self._documents.put(KIND, arn, tags)

    def _of(self, request: Document) -> dict[str, str]:
        arn = request["ResourceARN"]
        try:
            return self._by_arn[arn]
        except KeyError:
            raise ResourceNotFoundException(f"The resource {arn} does not exist.") from None
