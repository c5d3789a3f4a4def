# SPDX-License-Identifier: MIT
"""Deploys of the default stack to the embedded AWS: ours, stock Ansible, a shell script's, boto3 alone.

The scripts take their calls from a recording of our own first deploy: the shell script those that change
something, the other all of them, refused ones included. What each makes is listed and compared.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from botocore import xform_name
from rich.progress import Progress

from bench.figures import Figure, seconds
from localaws.embedded import EmbeddedAws, embedded_aws
from tests.conftest import local_playbooks
from tests.playbooks import Playbooks
from tests.stack.listing import everything

FOLDER = Path(__file__).parent
OURS: dict[str, str] = {}
STOCK = {"FAST_AWS_MODULES": "0"}
MAKERS = ("Add", "Attach", "Create", "Put", "Publish", "Set", "Subscribe", "Tag", "Update")
"""What the operations begin with that make a stack; the rest asks, or tries what was made."""
MANY = 50

Times = dict[str, float]


def figures(folder: Path, runs: int, progress: Progress) -> list[Figure]:
    """All figures.

    :param folder: for the server's state and the recording; empty.
    :param runs: how many times each thing is measured; the medians count.
    """
    with embedded_aws(folder / "aws") as aws:
        site = local_playbooks(aws, folder / "outputs")
        calls = _recorded(site, folder)
        resources = everything(aws.client)
        scripts = {"shell": _shell(aws, calls), "boto3": _boto3(aws, calls)}
        found: list[dict[str, Times]] = []
        for _ in progress.track(range(runs), description="deploying in four ways"):
            found.append(
                {
                    "ours": _life(aws, site, OURS),
                    "stock": _life(aws, site, STOCK),
                    **{name: {"first": _made(aws, script, resources)} for name, script in scripts.items()},
                    "one": {"first": _sized(aws, site, 1)},
                    "many": {"first": _sized(aws, site, MANY)},
                }
            )
    middle = {
        who: {what: median(run[who][what] for run in found) for what in times}
        for who, times in found[0].items()
    }
    return list(_compared(middle, resources, len(_changes(calls)), len(calls.read_text().splitlines())))


def _compared(
    times: dict[str, Times], resources: dict[str, list[str]], changes: int, calls: int
) -> Iterator[Figure]:
    ours, stock = times["ours"], times["stock"]
    first = ours["first"]
    kinds = ", ".join(f"{len(names)} {kind}" for kind, names in resources.items() if names)
    what = f"first deploy of {sum(map(len, resources.values()))} resources ({kinds})"
    shell = (f"AWS CLI script, {changes} calls, the same resources", times["shell"]["first"])
    boto3 = (f"boto3 script, the same {calls} calls, the same resources", times["boto3"]["first"])
    yield Figure(what, first, "s", aim=0.6, against=("stock Ansible", stock["first"]))
    yield Figure("the same", first, "s", aim=0.33, against=shell)
    yield Figure("the same", first, "s", aim=4, against=boto3)
    unchanged = ours["again"]
    yield Figure("deploy with nothing to do", unchanged, "s", aim=1, against=("first deploy", first))
    yield Figure("the same", unchanged, "s", aim=0.6, against=("stock Ansible", stock["again"]))
    yield Figure(
        "first deploy --check", ours["check"], "s", aim=0.6, against=("stock Ansible", stock["check"])
    )
    yield Figure("destroy", ours["destroy"], "s", aim=0.6, against=("stock Ansible", stock["destroy"]))
    yield Figure(
        f"first deploy of {MANY} tables and {MANY} rules",
        times["many"]["first"],
        "s",
        aim=5,
        against=("one of each", times["one"]["first"]),
    )


def _life(aws: EmbeddedAws, site: Playbooks, environ: dict[str, str]) -> Times:
    """Seconds of each run in a stack's life."""
    aws.reset()
    return {
        "check": seconds(lambda: site.deploy("--check", environ=environ)),
        "first": seconds(lambda: site.deploy(environ=environ)),
        "again": seconds(lambda: site.deploy(environ=environ)),
        "destroy": seconds(lambda: site.destroy(environ=environ)),
    }


def _sized(aws: EmbeddedAws, site: Playbooks, count: int) -> float:
    """Seconds of a first deploy with so many tables and rules."""
    aws.reset()
    stack: dict[str, Any] = {
        "hourly_rollup": False,
        "more_tables": [{"name": f"table-{number}"} for number in range(1, count)],
        "topic_rules": [
            {"key": f"r{number}", "name": f"rule_{number}", "mode": "direct", "topic": f"topic/{number}"}
            for number in range(count)
        ],
    }
    return seconds(lambda: site.deploy(**stack))


def _made(aws: EmbeddedAws, script: Callable[[], object], resources: dict[str, list[str]]) -> float:
    """Seconds of a script, which must make those resources; RuntimeError if it made others."""
    aws.reset()
    taken = seconds(script)
    made = everything(aws.client)
    if made != resources:
        raise RuntimeError(f"the script made {made}, the deploy {resources}")
    return taken


def _recorded(site: Playbooks, folder: Path) -> Path:
    """The calls of a first deploy, in a file."""
    calls = folder / "calls"
    site.deploy(environ={"PYTHONPATH": str(FOLDER / "recorder"), "CALLS": str(calls)})
    return calls


def _shell(aws: EmbeddedAws, calls: Path) -> Callable[[], object]:
    """Runs deploy.sh with the recorded changes."""
    listed = calls.with_suffix(".txt")
    arguments = (
        _arguments(call, calls.with_suffix(f".{number}.json")) for number, call in enumerate(_changes(calls))
    )
    listed.write_text("".join(f"{' '.join(each)}\n" for each in arguments))
    path = f"{Path(sys.executable).parent}{os.pathsep}{aws.environ['PATH']}"
    return _run(aws.environ | {"PATH": path}, FOLDER / "deploy.sh", listed)


def _boto3(aws: EmbeddedAws, calls: Path) -> Callable[[], object]:
    """Runs deploy_boto3.py with all recorded calls."""
    return _run(aws.environ, sys.executable, FOLDER / "deploy_boto3.py", calls)


def _run(environ: dict[str, str], *command: str | Path) -> Callable[[], object]:
    return lambda: subprocess.run(command, env=environ, check=True)  # noqa: S603


def _changes(calls: Path) -> list[dict[str, Any]]:
    """The recorded calls that make the stack."""
    recorded = map(json.loads, calls.read_text().splitlines())
    return [call for call in recorded if call["operation"].startswith(MAKERS) and not call["refused"]]


def _arguments(call: dict[str, Any], file: Path) -> Iterator[str]:
    """The AWS CLI's arguments for a call, whose parameters go to a file."""
    parameters = dict(call["parameters"])
    code = parameters.pop("Code", {}).get("ZipFile")
    file.write_text(json.dumps(parameters))
    yield {"s3": "s3api"}.get(call["service"], call["service"])
    yield xform_name(call["operation"], "-")
    yield from ("--cli-input-json", f"file://{file}")
    if code:
        yield from ("--zip-file", code)
