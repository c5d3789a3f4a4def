# SPDX-License-Identifier: MIT
"""Settings of the shell beat every group_vars file, -e beats both: asked of ansible-inventory and a play."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


def resolved(host: str, *options: str, **environ: str) -> dict[str, Any]:
    """A host's variables as Ansible resolves them."""
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "--host", host, *options]
    shell = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent"} | environ
    done = subprocess.run(command, cwd=ROOT, env=shell, capture_output=True, text=True, check=True)
    settings: dict[str, Any] = json.loads(done.stdout)
    return settings


def test_an_exported_setting_beats_the_files_and_keeps_its_type() -> None:
    files = resolved("dev-us-east-1")
    assert (files["magnetic_store_retention_days"], files["log_level"]) == (30, "DEBUG")
    exported = resolved(
        "dev-us-east-1",
        MAGNETIC_STORE_RETENTION_DAYS="7",
        LOG_LEVEL="ERROR",
        DEBUG="true",
        PROJECT_NAME="123",
        LAMBDA_TIMEOUT="",
    )
    assert exported["magnetic_store_retention_days"] == 7
    assert exported["log_level"] == "ERROR"
    assert exported["debug"] is True
    assert exported["project_name"] == "123"
    assert exported["lambda_timeout"] == 60


@pytest.mark.parametrize("text", ["024", "1:00", "0x10", "1e3", "two days", "1_000"])
def test_what_is_no_common_number_stays_as_it_was_written(text: str) -> None:
    assert (
        resolved("dev-us-east-1", MEMORY_STORE_RETENTION_HOURS=text)["memory_store_retention_hours"] == text
    )


def test_extra_variables_beat_the_shell() -> None:
    settings = resolved("dev-us-east-1", "-e", "lambda_timeout=30", LAMBDA_TIMEOUT="90")
    assert settings["lambda_timeout"] == "30"


def test_production_has_the_settings_of_prod() -> None:
    assert resolved("prod-us-east-1")["environment_name"] == "prod"
