# SPDX-License-Identifier: MIT
"""Whose Timestream it is, and where: what ARNs are made of."""

from __future__ import annotations

from dataclasses import dataclass

PARTITIONS = {"us-gov": "aws-us-gov", "cn": "aws-cn"}


@dataclass(frozen=True)
class Account:
    """An account, 12 digits, in a region."""

    id: str
    region: str

    def arn(self, resource: str, service: str = "timestream") -> str:
        """The ARN of a resource such as `database/NAME`."""
        area = self.region.rsplit("-", 2)[0]
        return f"arn:{PARTITIONS.get(area, 'aws')}:{service}:{self.region}:{self.id}:{resource}"
