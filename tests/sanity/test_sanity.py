# SPDX-License-Identifier: MIT
"""The collection passes ansible-test sanity, which Ansible's own collections are held to.

It makes a virtual environment for each of its tests, where pip installs the linters that ansible-core pins.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import ansible
import pytest

ROOT = Path(__file__).parents[2]
INSTALLED = Path(ansible.__file__).parents[1] / "ansible_collections"
TESTS = ("import", "pep8", "validate-modules", "yamllint")

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(not shutil.which("git"), reason="ansible-test asks git which files there are"),
]


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """The collection in a tree of collections, as ansible-test wants it."""
    tree = tmp_path / "ansible_collections"
    folder = tree / "timeseries" / "aws"
    shutil.copytree(
        ROOT / "collections" / "ansible_collections" / "timeseries" / "aws",
        folder,
        ignore=shutil.ignore_patterns("__pycache__", "output"),
    )
    for namespace in ("amazon", "community"):
        (tree / namespace).symlink_to(INSTALLED / namespace)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    return folder


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with a home of its own, where ansible-test finds what it would fetch to install pip."""
    cache = tmp_path / "home" / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True)
    (cache / "get_pip_24_2.py").write_text("import ensurepip\n\nensurepip.bootstrap()\n")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"HOME": str(tmp_path / "home"), "PATH": path}


def test_the_collection_is_sane(collection: Path, environ: dict[str, str]) -> None:
    command = [
        "ansible-test",
        "sanity",
        "--color=no",
        f"--python={sys.version_info[0]}.{sys.version_info[1]}",
    ]
    command += [f"--test={name}" for name in TESTS]
    done = subprocess.run(command, cwd=collection, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ran = [name for name in TESTS if f'Running sanity test "{name}"' in done.stdout + done.stderr]
    assert ran == list(TESTS)
