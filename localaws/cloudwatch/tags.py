# SPDX-License-Identifier: MIT
"""The tags of alarms and dashboards.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localaws import tags
from localaws.cloudwatch.errors import ResourceNotFoundException, ValidationError

Document = dict[str, Any]


class Tags(tags.Tags):
    """The tags of one account and region."""

    most = 50

    def replace(self, arn: str, given: Iterable[Document]) -> None:
        """Give a resource these tags and no others, AWS's own among them."""
        self.keep(arn, {tag["Key"]: tag.get("Value", "") for tag in given})

    def reserved(self, key: str) -> ValidationError:
        """As the base class says."""
        return ValidationError(f'The tag key {key} must not start with any case of "aws:"')

    def too_many(self) -> ValidationError:
        """As the base class says."""
        return ValidationError(f"The resultant tag set must not have more than {self.most} user tags.")

    def missing(self, arn: str) -> ResourceNotFoundException:
        """As the base class says."""
        return ResourceNotFoundException(f"The resource {arn} does not exist.")
