# SPDX-License-Identifier: MIT
"""The collection as Ansible sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
COLLECTION = ROOT / "collections/ansible_collections/timeseries/aws"
MODULES = sorted(path.stem for path in (COLLECTION / "plugins/modules").glob("*.py"))
BIN = Path(sys.executable).parent

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  vars: {ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  module_defaults:
    group/timeseries.aws.aws:
      endpoint_url: "{{ endpoint }}"
      region: us-east-1
      access_key: test
      secret_key: test
  tasks:
    - timeseries.aws.timestream_database: {name: collection-database, tags: {a: "1"}}
    - amazon.aws.s3_bucket_info: {}
    - community.aws.sqs_queue: {name: collection-queue}
"""


def test_one_block_of_defaults_serves_all_three_collections(aws: Any, tmp_path: Path) -> None:
    """Without the defaults each task would fail for want of a region, or of credentials."""
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(PLAYBOOK)
    environment = {
        "PATH": f"{BIN}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
    }
    command = [str(BIN / "ansible-playbook"), "-i", "localhost,", "-c", "local", "--check", "--diff"]
    run = subprocess.run(
        [*command, "-e", f"endpoint={aws.endpoint}", str(playbook)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    database, buckets, queue = (
        task["hosts"]["localhost"] for task in json.loads(run.stdout)["plays"][0]["tasks"]
    )
    assert database["changed"]
    assert database["diff"]["after"]["tags"] == {"a": "1"}
    assert "buckets" in buckets
    assert queue["changed"]


def test_the_action_group_has_the_modules_that_take_its_defaults() -> None:
    runtime = yaml.safe_load((COLLECTION / "meta/runtime.yml").read_text())
    group = [name for name in runtime["action_groups"]["aws"] if isinstance(name, str)]
    aws_modules = [
        name
        for name in MODULES
        if "amazon.aws.common.modules" in (COLLECTION / f"plugins/modules/{name}.py").read_text()
    ]
    assert sorted(group) == aws_modules


@pytest.mark.parametrize("path", sorted(COLLECTION.rglob("*.py")), ids=lambda path: path.stem)
def test_each_file_names_its_licence(path: Path) -> None:
    assert "# SPDX-License-Identifier: GPL-3.0-or-later" in path.read_text().splitlines()[:3]
