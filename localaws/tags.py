# SPDX-License-Identifier: MIT
"""Tags by ARN, for any service: each has limits and errors of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from localaws.documents import Documents
from localaws.errors import AwsError

KIND = "tags"

Document = dict[str, Any]


class Tags(ABC):
    """The tags of one service, account and region; the public methods named like operations answer them."""

    most: int
    """How many tags a resource can have."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._by_arn: dict[str, dict[str, str]] = documents.all(KIND)

    def put(self, arn: str, tags: Iterable[Document]) -> None:
        """Add tags to a resource, which with that becomes one that can be tagged."""
        merged = {**self._by_arn.get(arn, {}), **{tag["Key"]: tag["Value"] for tag in tags}}
        if reserved := [key for key in merged if key.lower().startswith("aws:")]:
            raise self.reserved(reserved[0])
        if len(merged) > self.most:
            raise self.too_many()
        self.keep(arn, merged)

    def keep(self, arn: str, tags: dict[str, str]) -> None:
        """Give a resource these tags and no others, whatever they are."""
        self._by_arn[arn] = tags
        self._documents.put(KIND, arn, tags)

    def drop(self, arn: str) -> None:
        """Forget a resource."""
        self._by_arn.pop(arn, None)
        self._documents.delete(KIND, arn)

    def of(self, request: Document) -> dict[str, str]:
        """The tags of the resource that a request names."""
        arn = request["ResourceARN"]
        if arn not in self._by_arn:
            raise self.missing(arn)
        return self._by_arn[arn]

    def tag_resource(self, request: Document) -> Document:
        """TagResource: adds tags, and replaces those of the same key."""
        self.of(request)
        self.put(request["ResourceARN"], request["Tags"])
        return {}

    def untag_resource(self, request: Document) -> Document:
        """UntagResource; a key that isn't there is no error."""
        gone = set(request["TagKeys"])
        kept = {key: value for key, value in self.of(request).items() if key not in gone}
        self.keep(request["ResourceARN"], kept)
        return {}

    def list_tags_for_resource(self, request: Document) -> Document:
        """ListTagsForResource."""
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.of(request).items()]}

    @abstractmethod
    def reserved(self, key: str) -> AwsError:
        """The error for a key that is AWS's own."""

    @abstractmethod
    def too_many(self) -> AwsError:
        """The error for more tags than `most`."""

    @abstractmethod
    def missing(self, arn: str) -> AwsError:
        """The error for a resource that isn't there."""
