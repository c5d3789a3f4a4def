# SPDX-License-Identifier: MIT
"""Cases of how Timestream's API behaves, for the embedded AWS and, by `make conform ENV=dev`, for an account.

Each case states what the embedded AWS does, by AWS's documents. On an account, what fails is where the two
differ, and goes to outputs/conform-ENV.md. An account is called only after the cost was stated and confirmed.
"""

import os
from collections.abc import Iterator

import boto3
import pytest

from tests.conform.places import Place, Table, inhabited, region, write_report
from tests.playbooks import ROOT

ENV = os.environ.get("CONFORM_ENV")
"""Set by `make conform`: the environment whose account it is, or local."""

PLACES = pytest.StashKey[Place]()
passed: list[str] = []
differ: dict[str, str] = {}


@pytest.fixture(scope="session")
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """The AWS that is tried, with a database of the suite's own."""
    if ENV in (None, "local"):
        aws = request.getfixturevalue("aws")
        found = Place(aws.session(), aws.endpoint)
    else:
        found = Place(boto3.Session(region_name=region(str(ENV))))
        if os.environ.get("CONFIRM") != "yes":
            pytest.exit(f"{found.cost()}\nCONFIRM=yes runs it.", returncode=2)
        print(found.cost())  # noqa: T201
    request.config.stash[PLACES] = found
    with inhabited(found):
        yield found


@pytest.fixture(scope="module")
def table(place: Place) -> Table:
    """A table of this module's, as tables are by default."""
    return place.table()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note how a case ended."""
    if report.failed:
        differ[report.nodeid] = report.longreprtext.rpartition("\nE ")[2] or report.longreprtext
    elif report.when == "call":
        passed.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the report."""
    if ENV is not None and PLACES in session.config.stash:
        write_report(ROOT / "outputs" / f"conform-{ENV}.md", session.config.stash[PLACES], passed, differ)
