# SPDX-License-Identifier: MIT
"""The tags of databases, tables and scheduled queries, by ARN.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/tagging-keyspaces.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localaws.errors import ResourceNotFoundException, ServiceQuotaExceededException, ValidationException
from localaws.timestream import listing
from localaws.timestream.documents import Documents

TAGS = 200
KIND = "tags"

Document = dict[str, Any]


class Tags:
    """The tags of one account and region; the public methods named like operations answer them."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._by_arn: dict[str, dict[str, str]] = documents.all(KIND)

    def put(self, arn: str, tags: Iterable[Document]) -> None:
        """Add tags to a resource, which with that becomes one that can be tagged."""
        merged = {**self._by_arn.get(arn, {}), **{tag["Key"]: tag["Value"] for tag in tags}}
        if reserved := [key for key in merged if key.lower().startswith("aws:")]:
            raise ValidationException(f"The tag key {reserved[0]} is reserved: it begins with aws:.")
        if len(merged) > TAGS:
            raise ServiceQuotaExceededException(f"A resource can't have more than {TAGS} tags.")
        self._keep(arn, merged)

    def drop(self, arn: str) -> None:
        """Forget a resource."""
        del self._by_arn[arn]
        self._documents.delete(KIND, arn)

    def tag_resource(self, request: Document) -> Document:
        """TagResource: adds tags, and replaces those of the same key."""
        self._of(request)
        self.put(request["ResourceARN"], request["Tags"])
        return {}

    def untag_resource(self, request: Document) -> Document:
        """UntagResource; a key that isn't there is no error."""
        gone = set(request["TagKeys"])
        kept = {key: value for key, value in self._of(request).items() if key not in gone}
        self._keep(request["ResourceARN"], kept)
        return {}

    def list_tags_for_resource(self, request: Document) -> Document:
        """ListTagsForResource, in pages if the request, as the query API allows, says so."""
        tags = [(key, {"Key": key, "Value": value}) for key, value in self._of(request).items()]
        return listing.page("Tags", tags, {"MaxResults": TAGS, **request})

    def _keep(self, arn: str, tags: dict[str, str]) -> None:
        self._by_arn[arn] = tags
        self._documents.put(KIND, arn, tags)

    def _of(self, request: Document) -> dict[str, str]:
        arn = request["ResourceARN"]
        try:
            return self._by_arn[arn]
        except KeyError:
            raise ResourceNotFoundException(f"The resource {arn} does not exist.") from None
