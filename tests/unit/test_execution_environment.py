# SPDX-License-Identifier: MIT
"""execution-environment.yml is what ansible-builder takes, and has the versions that were tested."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEFINITION = ROOT / "execution-environment.yml"


def locked() -> dict[str, str]:
    """The versions in requirements.txt."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))


@pytest.fixture
def dependencies() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(DEFINITION.read_text())["dependencies"]
    return found


def test_ansible_builder_takes_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ansible_builder", "create", "--output-filename=Containerfile"]
    command += [f"--file={DEFINITION}", f"--context={tmp_path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    wanted = (tmp_path / "_build" / "requirements.txt").read_text().split()
    assert "ansible==" + locked()["ansible"] in wanted
    assert "python3.12" in (tmp_path / "Containerfile").read_text()


def test_it_has_the_versions_of_the_lock(dependencies: dict[str, Any]) -> None:
    pinned = [dependencies["ansible_core"]["package_pip"], *dependencies["python"]]
    versions = dict(each.split("==") for each in pinned)
    assert versions.keys() >= {"ansible", "ansible-core", "boto3", "botocore", "lark", "regex"}
    assert versions == {name: locked()[name] for name in versions}


def test_its_python_is_one_that_the_project_runs_on(dependencies: dict[str, Any]) -> None:
    python = dependencies["python_interpreter"]["package_system"]
    assert python in {"python3.11", "python3.12", "python3.13"}
