# SPDX-License-Identifier: MIT
"""Fixtures for tests that call AWS: installed with the package, pytest finds them by itself.

def test_mine(localaws):                  # an EmbeddedAws: endpoint, clients, reset, clock
    localaws.client("timestream-write").create_database(DatabaseName="plant")

def test_code(localaws_environment):      # boto3 clients that the code makes by itself reach it
    my_code.make_database()
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localaws import settings
from localaws.embedded import EmbeddedAws, embedded_aws


@pytest.fixture(scope="session")
def localaws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An embedded AWS on a free port, its state in a temporary folder; one a session, or xdist worker."""
    with embedded_aws(tmp_path_factory.mktemp("localaws")) as running:
        yield running


@pytest.fixture
def localaws_environment(localaws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> EmbeddedAws:
    """The same, and for this test the environment variables that lead AWS SDKs to it and nowhere else."""
    for name in settings.FOREIGN_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in localaws.environ.items():
        monkeypatch.setenv(name, value)
    return localaws
