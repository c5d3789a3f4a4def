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


def test_the_figures_name_what_was_made_and_what_each_is_held_against() -> None:
    life = {"check": 6.0, "first": 8.0, "again": 4.0, "destroy": 5.0}
    times = {
        "ours": life,
        "stock": {name: 3 * taken for name, taken in life.items()},
        "shell": {"first": 32.0},
        "boto3": {"first": 4.0},
        "one": {"first": 6.0},
        "many": {"first": 24.0},
    }
    first, shell, boto3, again, *rest = deploys._compared(
        times, {"queues": [], "tables": ["a", "b"]}, 41, 125
    )
    assert first.what == "first deploy of 2 resources (2 tables)"
    assert shell.against == ("AWS CLI script, 41 calls, the same resources", 32.0)
    assert boto3.against == ("boto3 script, the same 125 calls, the same resources", 4.0)
    assert [figure.ratio for figure in (shell, boto3, again)] == [0.25, 2, 0.5]
    assert rest[-1].ratio == 4
    assert all(figure.reached for figure in (first, shell, boto3, again, *rest))
