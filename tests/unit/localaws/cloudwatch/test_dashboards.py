# SPDX-License-Identifier: MIT
"""Dashboards."""

from __future__ import annotations

import json

import pytest

from localaws.cloudwatch.errors import DashboardInvalidInputError, DashboardNotFoundError
from tests.unit.localaws.cloudwatch.conftest import START, Site

ARN = "arn:aws:cloudwatch::123456789012:dashboard/plant"
BODY = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "# Plant"}}]})


def test_life(site: Site) -> None:
    tags = [{"Key": "team", "Value": "a"}]
    site.call("PutDashboard", DashboardName="plant", DashboardBody=BODY, Tags=tags)
    assert site.call("GetDashboard", DashboardName="plant") == {
        "DashboardArn": ARN,
        "DashboardName": "plant",
        "DashboardBody": BODY,
    }
    assert site.call("ListDashboards", DashboardNamePrefix="pl")["DashboardEntries"] == [
        {"DashboardName": "plant", "DashboardArn": ARN, "LastModified": START, "Size": len(BODY)}
    ]
    assert site.call("ListDashboards", DashboardNamePrefix="x")["DashboardEntries"] == []
    assert site.call("ListTagsForResource", ResourceARN=ARN)["Tags"] == tags
    with pytest.raises(DashboardNotFoundError):
        site.call("DeleteDashboards", DashboardNames=["plant", "none"])
    site.call("DeleteDashboards", DashboardNames=["plant"])
    with pytest.raises(DashboardNotFoundError, match="Dashboard plant does not exist"):
        site.call("GetDashboard", DashboardName="plant")


@pytest.mark.parametrize(
    ("name", "body"),
    [("a b", BODY), ("a", "{"), ("a", "[]"), ("a", "{}"), ("a", json.dumps({"widgets": [{}] * 501}))],
)
def test_what_is_refused(site: Site, name: str, body: str) -> None:
    with pytest.raises(DashboardInvalidInputError):
        site.call("PutDashboard", DashboardName=name, DashboardBody=body)
