# SPDX-License-Identifier: MIT
"""The pages on settings, roles and modules, from what they describe."""

import re
from typing import Any

import pytest
import yaml

from docs import interfaces
from docs.generate import ROOT

SETTINGS = yaml.safe_load((ROOT / "group_vars" / "all.yml").read_text().partition("# -----")[0])


@pytest.fixture(scope="module")
def settings() -> dict[str, list[str]]:
    """The cells of the page's rows, by setting."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", interfaces.settings_page(), re.MULTILINE)
    return {name: re.split(r" (?<!\\)\| ", cells) for name, cells in rows}


def test_every_setting_has_a_row_with_its_comment(settings: dict[str, list[str]]) -> None:
    assert list(settings)[: len(SETTINGS)] == list(SETTINGS)
    assert [name for name, (*_, comment) in settings.items() if not comment] == []


def test_those_of_a_site_follow(settings: dict[str, list[str]]) -> None:
    assert {"aws_assume_role_arn", "expected_account_id"} <= set(settings)
    assert set(settings).isdisjoint({"aws_site", "aws_environment", "project_folder", "stack_name"})


def test_a_row_has_what_is_exported_by_default_and_allowed(settings: dict[str, list[str]]) -> None:
    exported, default, allowed, comment = settings["magnetic_store_retention_days"]
    assert exported == "`MAGNETIC_STORE_RETENTION_DAYS`"
    assert default == "`365`; dev `30`; staging `90`"
    assert allowed == "1 to 73000 days"
    assert "MAGNETIC" not in comment
    assert settings["timestream_record_model"][2] == "single, multi"
    assert settings["log_retention_days"][2].startswith("1, 3, 5, 7, 14, 30")
    assert settings["debug"][2] == "true, false"


def test_the_readme_names_settings_that_there_are() -> None:
    text = (ROOT / "README.md").read_text().partition("\n## Settings\n")[2].partition("\n## ")[0]
    named = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)))
    assert named
    assert set(named) <= set(SETTINGS)


def test_comments_belong_to_what_follows_them() -> None:
    text = (
        "# Of a file\n\n# Of a,\n# in two lines\na: 1\n# Of b and c\nb: [1]\nc:\n  # within\n  d: 2\n\ne: 3\n"
    )
    assert interfaces.comments(text) == {"a": "Of a, in two lines", "b": "Of b and c", "c": "Of b and c"}


def members(options: dict[str, Any], parent: str) -> list[str]:
    """The names of options and, below them, of their members."""
    found = []
    for name, option in options.items():
        nested = option.get("suboptions") or option.get("options") or {}
        brackets = "[]" if option["type"] == "list" else ""
        found += [parent + name, *members(nested, f"{parent}{name}{brackets}.")]
    return found


def test_roles_have_all_their_variables() -> None:
    page = interfaces.roles_page()
    for specs in ROOT.glob("roles/*/meta/argument_specs.yml"):
        options = yaml.safe_load(specs.read_text())["argument_specs"]["main"]["options"]
        assert [name for name in members(options, "") if f"| `{name}` |" not in page] == []


def test_modules_have_their_options_their_fragments_and_examples() -> None:
    page = interfaces.modules_page()
    modules = [file.stem for file in interfaces.COLLECTION.glob("modules/*.py")]
    assert re.findall(r"^## (\w+)$", page, re.MULTILINE) == sorted(modules)
    queue = page.partition("\n## sqs_queue\n")[2].partition("\n## ")[0]
    assert "| `redrive_policy.max_receive_count` | int | required |" in queue
    assert "| `state` | str | `present` |" in queue
    assert "Check mode: full; diff mode: full; takes `tags` and `purge_tags`." in queue
    assert "timeseries.aws.sqs_queue:" in queue
    assert "| `queue.arn` | str | always |" in queue
