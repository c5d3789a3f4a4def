# SPDX-License-Identifier: MIT
"""The hourly roll-up, in both record models: from a table without a reading to the hours of pandas."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from localaws.embedded import EmbeddedAws, embedded_aws
from tests.conftest import local_playbooks
from tests.playbooks import Playbooks, Run
from tests.stack.listing import left

pytestmark = pytest.mark.prove

HOUR = 3600
MODELS: dict[str, dict[str, Any]] = {
    "single": {"project_name": "rolled-single"},
    "multi": {
        "project_name": "rolled-multi",
        "timestream_record_model": "multi",
        "direct_route": False,
        "measures": ["temperature", "humidity", "wind"],  # no reading of which comes
    },
}
KEYS = ["device_id", "location", "measure_name", "hour"]
STATISTICS = ["mean", "minimum", "maximum", "readings"]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An account whose clock may be moved."""
    with embedded_aws(tmp_path_factory.mktemp("rollup")) as running:
        yield running


@pytest.fixture
def site(account: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Playbooks:
    return local_playbooks(account, tmp_path_factory.mktemp("rollup-outputs"))


def hour_begins(account: EmbeddedAws) -> int:
    """The begin of the hour by the account's clock, in seconds since 1970."""
    answer = account.client("timestream-query").query(
        QueryString="SELECT to_milliseconds(bin(now(), 1h)) / 1000"
    )
    return int(answer["Rows"][0]["Data"][0]["ScalarValue"])


def readings(until: int, hours: int = 2, devices: int = 3) -> list[dict[str, Any]]:
    """Readings of some hours, a minute apart, no two alike."""
    return [
        {
            "device_id": f"d{device}",
            "location": "roof" if device % 2 else "cellar",
            "time": until - minute * 60,
            "temperature": round(20 + device + minute / 97, 3),
            "humidity": round(40 + device * 3 - minute / 61, 3),
        }
        for device in range(devices)
        for minute in range(1, hours * 60 + 1)
    ]


def send(account: EmbeddedAws, outputs: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Hand readings to the function, as messages with a time."""
    messages = [
        {
            "device_id": row["device_id"],
            "location": row["location"],
            "timestamp": datetime.fromtimestamp(row["time"], UTC).isoformat(),
            "sensors": {"temperature": row["temperature"], "humidity": row["humidity"]},
        }
        for row in rows
    ]
    answer = account.client("lambda").invoke(FunctionName=outputs["function"], Payload=json.dumps(messages))
    assert "FunctionError" not in answer, answer["Payload"].read()


def hourly_means(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """What pandas makes of the readings: a row a series, measure and hour."""
    long = pd.DataFrame(rows).melt(
        ["device_id", "location", "time"], var_name="measure_name", value_name="value"
    )
    long["hour"] = long["time"] // HOUR * HOUR
    found = long.groupby(KEYS)["value"].agg(["mean", "min", "max", "count"]).reset_index()
    return found.set_axis([*KEYS, *STATISTICS], axis="columns").sort_values(KEYS, ignore_index=True)


def rolled_up(account: EmbeddedAws, outputs: dict[str, Any], model: str) -> pd.DataFrame:
    """The roll-up's table in that form."""
    table = f'"{outputs["database"]}"."{outputs["rollup_table"]}"'
    keys = "device_id, location, to_milliseconds(time) / 1000 AS hour"
    columns = ", ".join(STATISTICS)
    if model == "single":
        statement = f"SELECT {keys}, measure_name, {columns} FROM {table}"
    else:
        statement = " UNION ALL ".join(
            f"SELECT {keys}, '{name}' AS measure_name,"
            f" {', '.join(f'{name}_{each} AS {each}' for each in STATISTICS)} FROM {table}"
            for name in ("temperature", "humidity")
        )
    pages = account.client("timestream-query").get_paginator("query").paginate(QueryString=statement)
    answers = list(pages)
    rows = [[datum["ScalarValue"] for datum in row["Data"]] for page in answers for row in page["Rows"]]
    found = pd.DataFrame(rows, columns=[column["Name"] for column in answers[0]["ColumnInfo"]])
    typed = found.astype({"hour": int, "mean": float, "minimum": float, "maximum": float, "readings": int})
    return typed[[*KEYS, *STATISTICS]].sort_values(KEYS, ignore_index=True)


def said(run: Run) -> str:
    """What the deploy says of roll-ups that wait."""
    return "\n".join(
        str(result.get("msg", ""))
        for name, result in run.results
        if name.endswith("What the roll-up waits for")
    )


@pytest.mark.parametrize("model", MODELS)
def test_readings_become_hours(account: EmbeddedAws, site: Playbooks, model: str) -> None:
    settings = MODELS[model]
    first = site.deploy(**settings)
    assert "timestream : Roll-up" not in [name for name, _ in first.changed]
    assert "sensor-data-hourly is without device_id, location, " in said(first)
    outputs = json.loads((site.outputs_folder / "local-us-east-1.json").read_text())

    rows = readings(hour_begins(account))
    send(account, outputs, rows)
    check = site.deploy("--check", "--diff", **settings)
    real = site.deploy("--diff", **settings)
    assert [name for name, _ in real.changed] == ["timestream : Roll-up"]
    assert check.changed == real.changed
    assert ("wind" in said(real)) == (model == "multi")
    assert said(real).count("is without") == (model == "multi")
    assert site.deploy(**settings).changed == []

    account.forward(HOUR)
    pd.testing.assert_frame_equal(rolled_up(account, outputs, model), hourly_means(rows))


def test_it_can_be_stopped_and_its_table_stays(account: EmbeddedAws, site: Playbooks) -> None:
    settings = MODELS["single"]
    stopped = site.deploy(**settings, hourly_rollup=False)
    changed = {name for name, _ in stopped.changed if name.startswith(("iam", "timestream"))}
    assert changed == {
        "iam : Role",
        "timestream : Roll-up",
        "timestream : Topic that is told of the roll-ups' runs",
    }
    site.destroy(**settings, hourly_rollup=False)
    assert left(account.client, settings["project_name"]) == []
