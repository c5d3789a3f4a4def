# SPDX-License-Identifier: MIT
"""Dashboards, which are kept and not drawn.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from localaws.account import Account
from localaws.cloudwatch import paging
from localaws.cloudwatch.errors import DashboardInvalidInputError, DashboardNotFoundError
from localaws.cloudwatch.tags import Tags
from localaws.documents import Documents

KIND = "dashboards"
WIDGETS = 500
LISTED = 1000

Document = dict[str, Any]


class Dashboards:
    """The dashboards of an account, which on AWS are those of all its regions; times are in seconds."""

    def __init__(self, account: Account, documents: Documents, tags: Tags) -> None:
        self._account = account
        self._documents = documents
        self._tags = tags
        self._dashboards: dict[str, Document] = documents.all(KIND)

    def put_dashboard(self, request: Document, at: float) -> Document:
        """PutDashboard."""
        name, body = request["DashboardName"], request["DashboardBody"]
        _check(name, body)
        if name not in self._dashboards:
            self._tags.put(self._arn(name), request.get("Tags", ()))
        self._dashboards[name] = {"DashboardBody": body, "LastModified": at}
        self._documents.put(KIND, name, self._dashboards[name])
        return {"DashboardValidationMessages": []}

    def get_dashboard(self, request: Document) -> Document:
        """GetDashboard."""
        name = request["DashboardName"]
        if name not in self._dashboards:
            raise DashboardNotFoundError(f"Dashboard {name} does not exist")
        body = self._dashboards[name]["DashboardBody"]
        return {"DashboardArn": self._arn(name), "DashboardName": name, "DashboardBody": body}

    def delete_dashboards(self, request: Document) -> Document:
        """DeleteDashboards: all of them, or, if one isn't there, none."""
        missing = [name for name in request["DashboardNames"] if name not in self._dashboards]
        if missing:
            raise DashboardNotFoundError(f"Dashboard {', '.join(missing)} does not exist")
        for name in request["DashboardNames"]:
            del self._dashboards[name]
            self._documents.delete(KIND, name)
            self._tags.drop(self._arn(name))
        return {}

    def list_dashboards(self, request: Document) -> Document:
        """ListDashboards."""
        prefix = request.get("DashboardNamePrefix", "")
        entries = [
            (
                name,
                {
                    "DashboardName": name,
                    "DashboardArn": self._arn(name),
                    "LastModified": dashboard["LastModified"],
                    "Size": len(dashboard["DashboardBody"]),
                },
            )
            for name, dashboard in sorted(self._dashboards.items())
            if name.startswith(prefix)
        ]
        return paging.page("DashboardEntries", entries, {"MaxRecords": LISTED, **request})

    def _arn(self, name: str) -> str:
        service, _, _ = self._account.arn("", "cloudwatch").rpartition(f":{self._account.region}:")
        return f"{service}::{self._account.id}:dashboard/{name}"


def _check(name: str, body: str) -> None:
    if not re.fullmatch("[A-Za-z0-9_-]{1,255}", name):
        raise DashboardInvalidInputError(
            f"The dashboard name {name} has other than [A-Za-z0-9_-], or is too long"
        )
    try:
        content = json.loads(body)
    except ValueError as error:
        raise DashboardInvalidInputError(
            f"The field DashboardBody must be a valid JSON object: {error}"
        ) from None
    widgets = content.get("widgets") if isinstance(content, dict) else None
    if not isinstance(widgets, list):
        raise DashboardInvalidInputError(
            "The dashboard body is invalid: it should have a field widgets, an array"
        )
    if len(widgets) > WIDGETS:
        raise DashboardInvalidInputError(f"The dashboard body is invalid: it has more than {WIDGETS} widgets")
