# SPDX-License-Identifier: MIT
"""The embedded AWS as a package of its own: built, installed and used apart from the repository."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from localaws import process

TEST = """
import boto3
from my_code import make_database

def test_a_client(localaws):
    assert localaws.client("timestream-write").list_databases()["Databases"] == []

def test_my_code(localaws_environment):
    make_database()
    write = localaws_environment.client("timestream-write")
    assert [database["DatabaseName"] for database in write.list_databases()["Databases"]] == ["mine"]
"""
CODE = """
import boto3

def make_database():
    boto3.client("timestream-write").create_database(DatabaseName="mine")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution, built with what the lock file has."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=process.PROJECT, check=True, capture_output=True)
    [built] = folder.glob("localaws-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which it is installed, and the repository out of reach."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    home = folder / "home"
    home.mkdir()
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(folder / "site")}


def test_it_is_the_whole_package_and_nothing_else(wheel: Path) -> None:
    source = process.PROJECT / "localaws"
    files = {
        str(file.relative_to(process.PROJECT))
        for file in source.rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == files
    assert {"localaws/profile.ini", "localaws/py.typed", "localaws/iot/grammar.lark"} <= packed


def test_it_asks_for_no_ansible(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        metadata = archive.read(name).decode()
    wanted = [
        line.partition(": ")[2]
        for line in metadata.splitlines()
        if line.startswith("Requires-Dist") and "extra ==" not in line
    ]
    assert any(line.startswith("ministack==") for line in wanted)
    assert not any("ansible" in line or "pytest" in line for line in wanted)


def test_its_fixtures_are_there_for_anyones_tests(installed: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(TEST)
    (tmp_path / "my_code.py").write_text(CODE)
    foreign = {"AWS_PROFILE": "work", "AWS_ACCESS_KEY_ID": "AKIAREAL"}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", "base", "."],
        cwd=tmp_path,
        env=installed | foreign,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in run.stdout, run.stdout + run.stderr
    [state] = (tmp_path / "base").glob("localaws0/state")
    assert process.find(state) is None, "no server is left"


def test_its_command_works_without_the_repository(installed: dict[str, str], tmp_path: Path) -> None:
    def localaws(*arguments: str) -> str:
        command = [sys.executable, "-m", "localaws", *arguments]
        run = subprocess.run(command, cwd=tmp_path, env=installed, capture_output=True, text=True, check=True)
        return run.stdout

    state = Path(installed["HOME"]) / ".localaws"
    try:
        assert "up at http://127.0.0.1:" in localaws("up", "--port", "0")
        assert process.find(state) is not None
    finally:
        assert localaws("down") == "stopped\n"
