# SPDX-License-Identifier: MIT
"""The tags of databases, tables and scheduled queries.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/tagging-keyspaces.html
"""

from __future__ import annotations

from typing import Any

from localaws import tags
from localaws.errors import ResourceNotFoundException, ServiceQuotaExceededException, ValidationException
from localaws.timestream import listing

Document = dict[str, Any]


class Tags(tags.Tags):
    """The tags of one account and region."""

    most = 200

    def list_tags_for_resource(self, request: Document) -> Document:
        """ListTagsForResource, in pages if the request, as the query API allows, says so."""
        items = [(tag["Key"], tag) for tag in super().list_tags_for_resource(request)["Tags"]]
        return listing.page("Tags", items, {"MaxResults": self.most, **request})

    def reserved(self, key: str) -> ValidationException:
        """As the base class says."""
        return ValidationException(f"The tag key {key} is reserved: it begins with aws:.")

    def too_many(self) -> ServiceQuotaExceededException:
        """As the base class says."""
        return ServiceQuotaExceededException(f"A resource can't have more than {self.most} tags.")

    def missing(self, arn: str) -> ResourceNotFoundException:
        """As the base class says."""
        return ResourceNotFoundException(f"The resource {arn} does not exist.")
