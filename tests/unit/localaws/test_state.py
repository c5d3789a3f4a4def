# SPDX-License-Identifier: MIT
"""The state folder."""

from pathlib import Path

import pytest

from localaws import state
from localaws.state import State


def test_all_is_in_the_folder(tmp_path: Path) -> None:
    paths = State(tmp_path)
    assert {path.parent for path in (paths.lock, paths.log, paths.data, paths.scratch)} == {tmp_path}


def test_the_scratch_folder_is_emptied(tmp_path: Path) -> None:
    paths = State(tmp_path)
    paths.scratch.mkdir()
    (paths.scratch / "old").touch()
    paths.empty_scratch()
    assert list(paths.scratch.iterdir()) == []


def test_a_long_log_is_set_aside_and_written_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "LOG_BYTES", 10)
    paths = State(tmp_path)
    paths.bound_log()
    with paths.log.open("a") as log:
        log.write("short\n")
        log.flush()
        paths.bound_log()
        assert paths.log.read_text() == "short\n"
        log.write("much longer\n")
        log.flush()
        paths.bound_log()
        log.write("after\n")
    assert (tmp_path / "server.log.1").read_text() == "short\nmuch longer\n"
    assert paths.log.read_text() == "after\n"
