# SPDX-License-Identifier: MIT
"""A wrong target or setting stops the run before anything is touched, and says what is allowed."""

import json
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws
from tests.playbooks import Playbooks

TARGETS = "allowed: local, dev, staging, prod"


@pytest.mark.parametrize("env", ["moon", "all", "dev,prod", "d*", "", "local-us-east-1"])
def test_an_unknown_target_stops_the_run(playbooks: Playbooks, env: str) -> None:
    run = playbooks.run("deploy.yml", env=env)
    assert run.code != 0
    assert f"env={env} is not an environment; {TARGETS}" in run.failure


@pytest.mark.parametrize(
    ("setting", "value", "allowed"),
    [
        ("project_name", "My-Project", "3 to 24 of a-z, 0-9 and hyphens"),
        ("project_name", "under_score", "3 to 24 of a-z, 0-9 and hyphens"),
        ("project_name", "ab", "3 to 24 of a-z, 0-9 and hyphens"),
        ("project_name", "ends-with-", "3 to 24 of a-z, 0-9 and hyphens"),
        ("project_name", "x" * 25, "3 to 24 of a-z, 0-9 and hyphens"),
        ("memory_store_retention_hours", 0, "whole hours from 1 to 8766"),
        ("memory_store_retention_hours", 8767, "whole hours from 1 to 8766"),
        ("memory_store_retention_hours", "1.5", "whole hours from 1 to 8766"),
        ("memory_store_retention_hours", "soon", "whole hours from 1 to 8766"),
        ("magnetic_store_retention_days", 73001, "whole days from 1 to 73000"),
        ("magnetic_store_retention_days", -1, "whole days from 1 to 73000"),
        ("lambda_memory_size", 127, "whole MB from 128 to 10240"),
        ("lambda_memory_size", 10241, "whole MB from 128 to 10240"),
        ("lambda_timeout", 901, "whole seconds from 1 to 900"),
        ("lambda_timeout", 0, "whole seconds from 1 to 900"),
        ("rollup_retention_days", 0, "whole days from 1 to 73000"),
        ("rollup_hours", 25, "whole hours from 1 to 24"),
        ("hourly_rollup", "sometimes", "true, false"),
        ("query_compute_units", 6, "a multiple of 4 from 4 to 1000"),
        ("query_compute_units", 1004, "a multiple of 4 from 4 to 1000"),
        ("database_kms_key", "alias/mine", "the ARN of a KMS key, or nothing"),
        ("more_tables", "events", "a list of mappings"),
        ("partition_key", [{"type": "DIMENSION"}], "a name with type DIMENSION"),
        ("dimensions", ["mean"], "names other than mean"),
        ("debug", "maybe", "true, false"),
        ("log_level", "LOUD", "DEBUG, INFO, WARNING, ERROR"),
        ("log_retention_days", 2, "1, 3, 5, 7, 14"),
        ("timestream_record_model", "both", "single, multi"),
        ("ingest_mode", "queue", "lambda, buffered"),
        ("measures", [], "a list of one or more different names"),
        ("measures", ["a", "a"], "a list of one or more different names"),
        ("measures", ["not-a-name"], "a list of names"),
        ("measures", ["time"], "names other than time"),
        ("measures", ["select"], "names other than select"),
        ("measures", ["location"], "names other than location"),
        ("dimensions", ["ts_zone"], "names other than ts_zone"),
        ("memory_store_retention_hours", "024", "whole hours from 1 to 8766"),
        ("resource_tags", {"aws:x": "1"}, "no name beginning with aws:"),
        ("resource_tags", "foo", "a mapping of names to texts"),
        ("dimensions", "device_id", "a list of one or more different names"),
        ("aws_region", "eu-north-1", "us-east-1, us-east-2"),
        ("aws_endpoint_url", "http://192.0.2.1:4566", "an address of this machine"),
        ("aws_endpoint_url", "http://127.0.0.1.example.com", "an address of this machine"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(
    playbooks: Playbooks, setting: str, value: Any, allowed: str
) -> None:
    run = playbooks.run("deploy.yml", **{setting: value})
    assert run.code != 0
    assert f"{setting}={value} can't be used" in run.failure
    assert allowed in run.failure
    assert run.changed == []


def test_mixed_record_models_in_one_table_are_refused(playbooks: Playbooks) -> None:
    run = playbooks.run("deploy.yml", timestream_record_model="multi")
    assert run.code != 0
    assert "allowed: single, or multi with direct_route=false" in run.failure


def test_a_rule_that_can_not_be_is_named_with_place_and_reason(playbooks: Playbooks) -> None:
    wrong = [{"key": "wrong", "name": "wrong", "mode": "lambda", "sql": "SELECT * FORM 'a'"}]
    run = playbooks.run("deploy.yml", topic_rules=f"{{{{ standard_rules + {wrong} }}}}")
    assert run.code != 0
    assert "rule wrong: its SQL can't be used, line 1, column 10" in run.failure
    assert "expected: AS, FROM" in run.failure
    assert run.changed == []


def test_a_rule_of_ones_own_stores_no_single_measures_among_multi_measure_records(
    playbooks: Playbooks,
) -> None:
    own = [{"key": "own", "name": "own", "mode": "direct", "topic": "own"}]
    settings: dict[str, Any] = {"timestream_record_model": "multi", "direct_route": False}
    run = playbooks.run("deploy.yml", topic_rules=f"{{{{ standard_rules + {own} }}}}", **settings)
    assert run.code != 0
    assert "while a direct rule stores single-measure records in the same table" in run.failure


def test_the_exported_environment_must_agree(playbooks: Playbooks) -> None:
    run = playbooks.run("playbooks/preflight.yml", environ={"ENVIRONMENT": "prod"})
    assert run.code != 0
    assert "ENVIRONMENT=prod is exported, but the target is env=local" in run.failure


def test_the_recipes_name_for_prod_is_accepted(playbooks: Playbooks, aws: EmbeddedAws) -> None:
    exported = aws.environ | {"AWS_URL": aws.endpoint, "ENVIRONMENT": "production"}
    run = playbooks.run("playbooks/preflight.yml", environ=exported, env="prod")
    assert run.code == 0, run.failure
    assert run.report["stats"]["prod-us-east-1"]["failures"] == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROJECT_NAME", "Nope"),
        ("MEMORY_STORE_RETENTION_HOURS", "9000"),
        ("MAGNETIC_STORE_RETENTION_DAYS", "0"),
        ("LAMBDA_MEMORY_SIZE", "64"),
        ("LAMBDA_TIMEOUT", "1000"),
        ("DEBUG", "verbose"),
        ("LOG_LEVEL", "TRACE"),
    ],
)
def test_an_exported_setting_is_checked_like_any_other(playbooks: Playbooks, name: str, value: str) -> None:
    run = playbooks.run("playbooks/preflight.yml", environ={name: value})
    assert run.code != 0
    assert f"{name.lower()}={value} can't be used" in run.failure


def test_a_shell_that_points_to_the_embedded_aws_is_told_so(playbooks: Playbooks, aws: EmbeddedAws) -> None:
    run = playbooks.run("playbooks/preflight.yml", environ=aws.environ, env="dev")
    assert run.code != 0
    assert f"AWS_ENDPOINT_URL={aws.endpoint} points this shell to this machine" in run.failure


def test_missing_credentials_are_named_with_their_remedy(playbooks: Playbooks) -> None:
    run = playbooks.run("playbooks/preflight.yml", environ={"AWS_EC2_METADATA_DISABLED": "true"}, env="dev")
    assert run.code != 0
    assert "export AWS_PROFILE, or AWS_ACCESS_KEY_ID" in run.failure


def test_an_embedded_aws_that_is_down_is_named_with_its_remedy(playbooks: Playbooks, tmp_path: Any) -> None:
    (tmp_path / "server.json").write_text(json.dumps({"pid": 1, "port": 9}))
    run = playbooks.run("deploy.yml", environ={"LOCALAWS_STATE": str(tmp_path)})
    assert run.code != 0
    assert "No embedded AWS answers at http://127.0.0.1:9" in run.failure
    assert "make local-up" in run.failure
    assert run.changed == []


def test_local_never_uses_the_credentials_that_are_exported(playbooks: Playbooks) -> None:
    """The embedded AWS takes a 12-digit access key for an account, so a leaked one would show."""
    exported = {
        "AWS_PROFILE": "work",
        "AWS_ACCESS_KEY_ID": "111122223333",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_REGION": "eu-west-1",
    }
    run = playbooks.run("playbooks/preflight.yml", environ=exported)
    assert run.code == 0, run.failure
    account = next(result["account"] for name, result in run.results if name == "Whose account this is")
    assert account == "000000000000"
