# SPDX-License-Identifier: MIT
"""Running the project's playbooks in tests, and reading what they did."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Run:
    """What one ansible-playbook run did, from its JSON output."""

    code: int
    report: dict[str, Any]
    stderr: str

    @property
    def results(self) -> list[tuple[str, dict[str, Any]]]:
        """Task name and result, a loop's items one by one, in order."""
        found = []
        for play in self.report.get("plays", []):
            for task in play["tasks"]:
                for result in task["hosts"].values():
                    found += [(task["task"]["name"], each) for each in result.get("results", [result])]
        return found

    @property
    def changed(self) -> list[tuple[str, str]]:
        """The changes: task name and what of a loop it was."""
        return [(name, label(result)) for name, result in self.results if result.get("changed")]

    @property
    def diffs(self) -> list[tuple[str, Any]]:
        """The changes with their diffs."""
        return [(name, result.get("diff")) for name, result in self.results if result.get("changed")]

    @property
    def failure(self) -> str:
        """What failed tasks say, or what ansible-playbook itself does."""
        messages = [str(result.get("msg")) for _, result in self.results if result.get("failed")]
        return "\n".join(messages) or self.stderr


def label(result: dict[str, Any]) -> str:
    """A loop item's name."""
    item = result.get(result.get("ansible_loop_var", "item"), "")
    return str(item.get("name", item) if isinstance(item, dict) else item)


@dataclass(frozen=True)
class Playbooks:
    """The project's playbooks, run with an environment of their own."""

    environ: dict[str, str]
    outputs_folder: Path
    settings: dict[str, Any] = field(default_factory=dict)

    def run(
        self, playbook: str, *options: str, environ: dict[str, str] | None = None, **settings: Any
    ) -> Run:
        """Run a playbook of the project's root with extra variables."""
        extra = {"outputs_folder": str(self.outputs_folder)} | self.settings | settings
        command = [
            str(Path(sys.executable).with_name("ansible-playbook")),
            playbook,
            *options,
            f"--extra-vars={json.dumps(extra)}",
        ]
        kept = {name: os.environ[name] for name in ("PATH", "FAST_AWS_MODULES") if name in os.environ}
        variables = kept | {"LANG": "C.UTF-8"} | self.environ | (environ or {})
        variables["ANSIBLE_STDOUT_CALLBACK"] = "ansible.posix.json"
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
        start = done.stdout.find("{")
        report = json.loads(done.stdout[start:]) if start >= 0 else {}
        return Run(done.returncode, report, done.stderr)

    def deploy(self, *options: str, **settings: Any) -> Run:
        """Deploy, and fail the test if that fails."""
        return succeeded(self.run("deploy.yml", *options, **settings))

    def destroy(self, *options: str, **settings: Any) -> Run:
        """Destroy, and fail the test if that fails."""
        return succeeded(self.run("destroy.yml", *options, **settings))


def succeeded(run: Run) -> Run:
    """The run, if it succeeded."""
    assert run.code == 0, run.failure
    return run
