# SPDX-License-Identifier: MIT
"""A role's defaults are its manual, its argument specs hold callers to it: the two say the same."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
PYTHON_TYPES = {"raw": object, "str": str, "path": str, "int": int, "bool": bool, "list": list, "dict": dict}


def load(*parts: str) -> Any:
    return yaml.safe_load(ROOT.joinpath(*parts).read_text())


def test_there_are_the_roles_of_the_recipe() -> None:
    assert ROLES == ["iam", "iot_rule", "lambda", "monitoring", "timestream"]


@pytest.mark.parametrize("role", ROLES)
def test_defaults_and_argument_specs_agree(role: str) -> None:
    options = load("roles", role, "meta", "argument_specs.yml")["argument_specs"]["main"]["options"]
    assert {name: option["default"] for name, option in options.items()} == load(
        "roles", role, "defaults", "main.yml"
    )
    for name, option in options.items():
        assert isinstance(option["default"], PYTHON_TYPES[option["type"]]), name
        assert option["description"], name
        assert "choices" not in option or option["default"] in option["choices"], name


@pytest.mark.parametrize("role", ROLES)
def test_public_variables_carry_the_roles_name_and_internal_ones_two_underscores(role: str) -> None:
    assert all(name.startswith(f"{role}_") for name in load("roles", role, "defaults", "main.yml"))
    assert all(name.startswith(f"__{role}_") for name in load("roles", role, "vars", "main.yml"))


@pytest.mark.parametrize("role", ROLES)
def test_every_default_has_its_comment(role: str) -> None:
    lines = (ROOT / "roles" / role / "defaults" / "main.yml").read_text().splitlines()
    variables = [index for index, line in enumerate(lines) if re.match(r"[a-z]", line)]
    alone = [lines[index] for index in variables if not re.match(r"( *#|[a-z])", lines[index - 1])]
    assert alone == []


@pytest.mark.parametrize("role", ROLES)
def test_whatever_settings_hand_a_role_is_a_variable_of_the_role(role: str) -> None:
    handed = {name for name in load("group_vars", "all.yml") if name.startswith(f"{role}_")}
    settings = {"timestream_record_model", "timestream_deletion_protection"}
    assert handed - settings <= set(load("roles", role, "defaults", "main.yml"))
