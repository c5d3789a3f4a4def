# SPDX-License-Identifier: MIT
"""The conformance suite calls no account unasked, and says where one differs."""

import os
import subprocess
import sys
from pathlib import Path

import boto3

from tests.conform.places import Place, write_report
from tests.playbooks import ROOT


def test_an_account_is_called_only_after_the_cost_was_confirmed() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/conform/test_databases.py"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "CONFORM_ENV": "dev", "AWS_ACCESS_KEY_ID": "AKIAMINE"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 2, run.stdout
    for words in ("(AKIAMINE) in us-east-1", "0.52 USD", "CONFIRM=yes runs it"):
        assert words in run.stdout + run.stderr
    assert "botocore.exceptions" not in run.stdout, "nothing was called"
    assert not (ROOT / "outputs" / "conform-dev.md").exists()


def test_the_report_says_where_an_account_differs(tmp_path: Path) -> None:
    place = Place(boto3.Session("a", "b", region_name="eu-west-1"))
    place.__dict__["account"] = "123456789012"
    file = tmp_path / "outputs" / "conform-dev.md"
    write_report(file, place, ["a", "b"], {"test_writes.py::test_versions": "assert '5' == '6'"})
    text = file.read_text()
    assert text.startswith("# Conformance of account 123456789012, eu-west-1\n")
    assert "2 cases are as on the embedded AWS, 1 differ." in text
    assert "## test_writes.py::test_versions\n\n    assert '5' == '6'\n" in text
