# SPDX-License-Identifier: MIT
"""What is in memory only gets to disk: as a whole, when it has changed, and again after a failure."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localaws import snapshots
from localaws.snapshots import Snapshots

State = dict[str, Any]


@pytest.fixture
def states() -> dict[str, State]:
    return {"sqs": {"queues": ["q"]}, "sns": {"topics": []}}


@pytest.fixture
def files(tmp_path: Path, states: dict[str, State]) -> Snapshots:
    def current() -> dict[str, Callable[[], Any]]:
        return {name: lambda state=state: state for name, state in states.items()}  # type: ignore[misc]

    return Snapshots(tmp_path / "data", current, lambda _service, state: json.dumps(state))


def saved(tmp_path: Path) -> dict[str, Any]:
    return {file.stem: json.loads(file.read_text()) for file in (tmp_path / "data").glob("*.json")}


def test_each_service_has_a_file(files: Snapshots, states: dict[str, State], tmp_path: Path) -> None:
    files.save()
    assert saved(tmp_path) == states
    assert not list((tmp_path / "data").glob("*.draft"))


def test_what_has_not_changed_is_not_written_again(
    files: Snapshots, states: dict[str, State], tmp_path: Path
) -> None:
    files.save()
    before = {file.name: file.stat().st_ino for file in (tmp_path / "data").iterdir()}
    states["sqs"]["queues"].append("r")
    files.save()
    after = {file.name: file.stat().st_ino for file in (tmp_path / "data").iterdir()}
    assert saved(tmp_path)["sqs"] == {"queues": ["q", "r"]}
    assert [name for name in before if before[name] != after[name]] == ["sqs.json"]


def test_a_service_without_state_leaves_its_file_alone(
    files: Snapshots, states: dict[str, Any], tmp_path: Path
) -> None:
    files.save()
    states["sqs"] = None
    files.save()
    assert saved(tmp_path)["sqs"] == {"queues": ["q"]}


def test_a_service_that_cannot_be_saved_holds_up_no_other(tmp_path: Path) -> None:
    def changing() -> Any:
        raise RuntimeError("dictionary changed size during iteration")

    files = Snapshots(
        tmp_path / "data", lambda: {"a": changing, "b": dict}, lambda _, state: json.dumps(state)
    )
    files.save()
    assert saved(tmp_path) == {"b": {}}


def test_a_change_is_saved_soon(
    files: Snapshots, states: dict[str, State], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "LEAST_PAUSE_SECONDS", 0.01)
    threading.Thread(target=files.keep, daemon=True).start()
    for topics in (["a"], ["a", "b"]):
        states["sns"]["topics"] = topics
        files.changed()
        deadline = time.monotonic() + 10
        while saved(tmp_path).get("sns") != {"topics": topics}:
            assert time.monotonic() < deadline


def test_what_is_forgotten_is_gone_and_comes_back_when_saved(
    files: Snapshots, states: dict[str, State], tmp_path: Path
) -> None:
    files.save()
    files.forget()
    assert saved(tmp_path) == {}
    files.save()
    assert saved(tmp_path) == states
