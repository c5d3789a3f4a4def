# SPDX-License-Identifier: MIT
"""The demo as it is called: `python -m demo`."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demo.__main__ import main
from demo.questions import questions
from demo.stack import Stack

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def outputs(stack: Stack, tmp_path: Path) -> Callable[..., str]:
    """Writes outputs like the stack's, but for what is given, and answers with their path."""

    def write(**others: Any) -> str:
        path = tmp_path / "outputs.json"
        path.write_text(json.dumps({**stack.outputs, **others}))
        return str(path)

    return write


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "shed.csv"
    path.write_text(
        "time,temperature,humidity\n"
        "2015-02-02 14:00,21.5,40\n"
        "2015-02-02 14:01,cold,41\n"
        "2015-02-02 14:02,21,42\n"
    )
    return path


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_fleet_is_played_twice_and_all_is_stored_both_times(
    outputs: Callable[..., str], capsys: Capture
) -> None:
    for _ in range(2):
        assert main(["--outputs", outputs()]) == 0
        shown = words(capsys.readouterr().out)
        assert "12 simulated sensors" in shown
        assert re.search(r"all 1,140 4,560 4,560 0 0", shown)
        assert all(question.text in shown for question in questions())
        assert "make local-down" in shown


def test_a_file_is_replayed_and_its_bad_line_reported(
    outputs: Callable[..., str], csv: Path, capsys: Capture
) -> None:
    assert main(["--outputs", outputs(), "--csv", str(csv), "--location", "garden"]) == 0
    shown = words(capsys.readouterr().out)
    assert "2 rows of temperature, humidity" in shown
    assert "3 temperature is not a number: 'cold'" in shown
    assert "its last row, of 2015-02-02 14:02, is at" in shown
    assert "shed garden 2 4" in shown


def test_readings_that_nobody_stores_are_an_error(
    outputs: Callable[..., str], csv: Path, capsys: Capture
) -> None:
    deaf = outputs(topics={"direct": "topic/nobody", "ingest": "topic/nobody"})
    assert main(["--outputs", deaf, "--csv", str(csv), "--device-id", "unheard", "--patience", "0.5"]) == 1
    assert "2 readings are neither stored nor reported" in words(capsys.readouterr().out)


def test_measures(csv: Path, capsys: Capture) -> None:
    assert main(["measures", str(csv)]) == 0
    assert json.loads(capsys.readouterr().out) == ["temperature", "humidity"]


def test_a_file_that_can_t_be_used(outputs: Callable[..., str], tmp_path: Path, capsys: Capture) -> None:
    for arguments in (
        ["measures", str(tmp_path / "none")],
        ["--outputs", outputs(), "--csv", str(tmp_path / "none")],
    ):
        assert main(arguments) == 2
        assert "can't be read: No such file" in capsys.readouterr().err


def test_no_stack(tmp_path: Path, capsys: Capture) -> None:
    assert main(["--outputs", str(tmp_path / "none.json")]) == 2
    assert "run ansible-playbook deploy.yml first" in capsys.readouterr().err


def test_the_embedded_aws_is_down(outputs: Callable[..., str], capsys: Capture) -> None:
    """Port 1 is nobody's."""
    assert main(["--outputs", outputs(endpoint_url="http://127.0.0.1:1")]) == 2
    said = capsys.readouterr()
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:1/"' in said.err
    assert "python -m localaws up" in said.err
    assert said.out == ""


def test_the_stack_is_gone(outputs: Callable[..., str], capsys: Capture) -> None:
    assert main(["--outputs", outputs(database="none")]) == 2
    assert "ResourceNotFoundException" in capsys.readouterr().err
