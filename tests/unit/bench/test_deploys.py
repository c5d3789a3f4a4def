# SPDX-License-Identifier: MIT
"""The scripts that deploys are compared with make what was recorded."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench import deploys
from localaws.embedded import EmbeddedAws, embedded_aws
from tests.stack.listing import everything

PROGRAM = """
import boto3
from contextlib import suppress

write, functions = boto3.client("timestream-write"), boto3.client("lambda")
with suppress(write.exceptions.ResourceNotFoundException):
    write.describe_database(DatabaseName="recorded")
write.create_database(DatabaseName="recorded")
write.create_table(DatabaseName="recorded", TableName="readings")
boto3.client("s3").create_bucket(Bucket="recorded-bucket")
functions.create_function(
    FunctionName="recorded",
    Runtime="python3.13",
    Handler="m.f",
    Role="arn:aws:iam::000000000000:role/recorded",
    Code={"ZipFile": b"PK\\x05\\x06" + bytes(18)},
)
"""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An account that may be emptied."""
    with embedded_aws(tmp_path_factory.mktemp("bench")) as running:
        yield running


@pytest.fixture(scope="module")
def calls(account: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recorded calls of a program."""
    file = tmp_path_factory.mktemp("recorded") / "calls"
    recording = {"PYTHONPATH": str(deploys.FOLDER / "recorder"), "CALLS": str(file)}
    subprocess.run([sys.executable, "-c", PROGRAM], env=account.environ | recording, check=True)
    return file


@pytest.mark.parametrize("script", [deploys._shell, deploys._boto3])
def test_a_script_makes_what_was_recorded(
    account: EmbeddedAws, calls: Path, script: Callable[[EmbeddedAws, Path], Callable[[], object]]
) -> None:
    run = script(account, calls)
    account.reset()
    run()
    made = everything(account.client)
    assert {kind: names for kind, names in made.items() if names} == {
        "buckets": ["recorded-bucket"],
        "databases": ["recorded"],
        "functions": ["recorded"],
        "tables": ["readings"],
    }


def test_only_what_changes_something_is_for_the_shell(calls: Path) -> None:
    assert [call["operation"] for call in deploys._changes(calls)] == [
        "CreateDatabase",
        "CreateTable",
        "CreateBucket",
        "CreateFunction",
    ]


def test_a_script_that_makes_something_else_is_no_comparison(account: EmbeddedAws) -> None:
    with pytest.raises(RuntimeError, match="the script made"):
        deploys._made(account, lambda: None, everything(account.client) | {"tables": ["more"]})
