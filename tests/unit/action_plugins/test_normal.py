# SPDX-License-Identifier: MIT
"""AWS modules run in forks of the controller, with the same results as the stock way."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.playbooks import ROOT, Playbooks, Run

FOLDER = Path(__file__).parent
PASSING = ("start", "end", "duration", "delta", "ansible_job_id", "results_file", "started", "finished")


def run(playbooks: Playbooks, fast: str) -> Run:
    environ = {
        "FAST_AWS_MODULES": fast,
        "ANSIBLE_ASYNC_DIR": str(playbooks.outputs_folder),
        "ANSIBLE_COLLECTIONS_PATH": f"{FOLDER / 'collections'}:{ROOT / 'collections'}",
        "ANSIBLE_DEPRECATION_WARNINGS": "1",
        "ANSIBLE_DISPLAY_TRACEBACK": "error",
        "ANSIBLE_PIPELINING": "1",
    }
    return playbooks.run(str(FOLDER / "cases.yml"), environ=environ)


@pytest.fixture(scope="module")
def stock(playbooks: Playbooks) -> Run:
    return run(playbooks, "0")


@pytest.fixture(scope="module")
def forked(playbooks: Playbooks) -> Run:
    return run(playbooks, "1")


def comparable(value: Any) -> Any:
    """A result without what differs from run to run, or with the kind of process."""
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items() if key not in (*PASSING, "process")}
    if isinstance(value, list | tuple):
        return [comparable(item) for item in value]
    if isinstance(value, str) and value.startswith("Traceback"):
        return [re.findall(r'odd\.py", line (\d+, in \w+)\n', value), value.splitlines()[-1]]
    if isinstance(value, str):
        # "Killed" is from the shell that waits for a stock module
        return re.sub(r"cases-[01]", "cases", value).removeprefix("Killed\n")
    return value


def processes(run: Run) -> dict[str, set[str]]:
    """The kinds of process in which each task's module ran."""
    found: dict[str, set[str]] = {}
    for name, result in run.results:
        if "process" in result:
            found.setdefault(name, set()).add(result["process"])
    return found


def test_results_are_the_same(stock: Run, forked: Run) -> None:
    assert forked.code == stock.code == 0, forked.failure
    for ours, theirs in zip(forked.results, stock.results, strict=True):
        assert comparable(ours) == comparable(theirs)
    assert comparable(forked.stderr) == comparable(stock.stderr)


def test_temporary_files_are_removed(playbooks: Playbooks, forked: Run) -> None:
    assert not list((Path(playbooks.environ["HOME"]) / ".ansible" / "tmp").glob("ansible-moduletmp-*"))


def test_only_what_is_understood_runs_in_a_fork(stock: Run, forked: Run) -> None:
    assert set().union(*processes(stock).values()) == {"interpreter"}
    assert {name for name, kinds in processes(forked).items() if kinds == {"interpreter"}} == {
        name for name in processes(stock) if name.startswith("Stock, because")
    }
