# SPDX-License-Identifier: MIT
"""Several sites of one environment, in other regions and accounts: deployed at once, each failing alone."""

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws
from tests.playbooks import Playbooks
from tests.stack.listing import Client, left

pytestmark = pytest.mark.prove

STACK = "plants-local"
SITES = {
    "local-us-east-1": ("000000000000", "us-east-1"),
    "local-eu-west-1": ("000000000000", "eu-west-1"),
    "plant-2": ("222222222222", "us-east-1"),
    "plant-3": ("333333333333", "us-west-2"),
}
# One that the preflight stops, and one that fails half-way
ELSEWHERE = {"aws_region": "us-east-2", "expected_account_id": "999999999999"}
BROKEN = ("444444444444", "us-east-1")


def site(account: str, region: str) -> dict[str, str]:
    """A site's variables in the inventory."""
    role = {
        "aws_assume_role_arn": f"arn:aws:iam::{account}:role/deploy",
        "expected_account_id": account,
    }
    return {"aws_region": region} | (role if account != "000000000000" else {})


def client(aws: EmbeddedAws, account: str, region: str) -> Client:
    """Makes clients of an account in a region."""
    session: Any = aws.session(account, region)
    make: Client = functools.partial(session.client, endpoint_url=aws.endpoint)
    return make


def test_four_sites_are_deployed_at_once_while_others_fail(
    aws: EmbeddedAws, playbooks: Playbooks, tmp_path: Path
) -> None:
    hosts: dict[str, Any] = {name: site(*place) for name, place in SITES.items()}
    broken = site(*BROKEN) | {"rejected_data_bucket_name": "Not_a_bucket"}
    more = {
        "vars": {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        },
        "children": {"local": {"hosts": hosts | {"elsewhere": ELSEWHERE, "broken": broken}}},
    }
    (tmp_path / "sites.json").write_text(json.dumps({"all": more}))
    options = ("--inventory=inventory.yml", f"--inventory={tmp_path / 'sites.json'}", "--forks=6")
    run = playbooks.run("deploy.yml", *options, project_name="plants")
    assert run.code != 0
    stats = run.report["stats"]
    assert [name for name in stats if stats[name]["failures"]] == ["broken", "elsewhere"]
    assert "expected_account_id=999999999999, but the credentials in use are of account 000" in run.failure
    for name, place in SITES.items():
        found = left(client(aws, *place), STACK)
        assert f"plants-local-{place[0]}-{place[1]}" in found, name
        assert "timestream-ingest-plants-local" in found, name
        assert f"plants-local-{place[1]}" in found, "its dashboard: an account has one list of them"
        outputs = json.loads((playbooks.outputs_folder / f"{name}.json").read_text())
        assert (outputs["account_id"], outputs["region"]) == place
    assert "timestream-ingest-plants-local" not in left(client(aws, *BROKEN), STACK)
    assert left(client(aws, *BROKEN), STACK) != []

    playbooks.destroy(*options, "--limit=!elsewhere", project_name="plants")
    for place in [*SITES.values(), BROKEN]:
        assert left(client(aws, *place), STACK) == []


def test_a_role_that_cannot_be_taken_on_is_named(playbooks: Playbooks) -> None:
    run = playbooks.run("playbooks/preflight.yml", aws_assume_role_arn="arn:aws:iam::1:role/deploy")
    assert run.code != 0
    assert "aws_assume_role_arn=arn:aws:iam::1:role/deploy can't be taken on" in run.failure
