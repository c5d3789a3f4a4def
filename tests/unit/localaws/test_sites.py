# SPDX-License-Identifier: MIT
"""One service an account and region, each with a folder that outlives it."""

from pathlib import Path

import pytest

from localaws.sites import Sites


class Service:
    """Notes what is done to it in a file of its folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    def work(self) -> None:
        if self.folder.name.startswith("1"):
            raise RuntimeError("out of order")
        (self.folder / "worked").touch()

    def close(self) -> None:
        (self.folder / "closed").touch()


def make(_account: str, _region: str, folder: Path) -> Service:
    return Service(folder)


@pytest.fixture
def sites(tmp_path: Path) -> Sites[Service]:
    return Sites(tmp_path / "data", make)


def test_each_account_and_region_has_one(sites: Sites[Service]) -> None:
    one = sites.at("0", "us-east-1")
    assert sites.at("0", "us-east-1") is one
    assert len({one, sites.at("0", "us-gov-west-1"), sites.at("1", "us-east-1")}) == 3
    assert [(account, region) for account, region, _ in sites] == [
        ("0", "us-east-1"),
        ("0", "us-gov-west-1"),
        ("1", "us-east-1"),
    ]


def test_those_of_before_are_there_again(sites: Sites[Service], tmp_path: Path) -> None:
    sites.at("0", "us-gov-west-1")
    sites.close()
    assert (tmp_path / "data/0-us-gov-west-1/closed").exists()
    again = Sites(tmp_path / "data", make)
    assert [(account, region) for account, region, _ in again] == [("0", "us-gov-west-1")]


def test_one_that_fails_at_its_work_holds_up_no_other(sites: Sites[Service]) -> None:
    _failing, working = sites.at("1", "us-east-1"), sites.at("2", "us-east-1")
    sites.work()
    assert (working.folder / "worked").exists()


def test_a_reset_leaves_nothing(sites: Sites[Service], tmp_path: Path) -> None:
    sites.at("0", "us-east-1")
    sites.reset()
    assert list(sites) == []
    assert not (tmp_path / "data").exists()
