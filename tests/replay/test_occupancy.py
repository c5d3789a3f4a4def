# SPDX-License-Identifier: MIT
"""Real readings, sent by both routes, and SQL's answers about them against those that pandas works out.

The file is the UCI Machine Learning Repository's "Occupancy Detection" (Candanedo and Feldheim, Energy and
Buildings 112, 2016): 2,665 readings of six measures, about one a minute, in rows as R writes them. It lies
beside the project, or where OCCUPANCY_CSV says.
"""

import io
import json
import math
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from rich.console import Console

from demo import csv_file, run
from demo.__main__ import main
from demo.ledger import Ledger
from demo.message import Route
from demo.query import Value, query
from demo.questions import questions, window
from demo.stack import Stack, load
from tests.playbooks import ROOT

CSV = Path(os.environ.get("OCCUPANCY_CSV") or ROOT.parent / "shared" / "data" / "occupancy.csv")
MEASURES = ["Temperature", "Humidity", "Light", "CO2", "HumidityRatio", "Occupancy"]
NAMES = {
    "project_name": "occupancy",
    "direct_topic": "occupancy/sensors",
    "ingest_topic": "occupancy/sensors/ingest",
}

pytestmark = [
    pytest.mark.skipif(not CSV.exists(), reason=f"no {CSV}; OCCUPANCY_CSV may say where it is"),
]


class Replay(NamedTuple):
    """What was sent where, what became of it, and the file as pandas reads it, moved in time alike."""

    stack: Stack
    outputs: Path
    ledger: Ledger
    frame: pd.DataFrame

    def ask(self, sql: str) -> list[tuple[Value, ...]]:
        """Rows of an answer; `readings` in the statement is the table."""
        return query(
            self.stack, sql.replace("readings", f'"{self.stack.database}"."{self.stack.table}"')
        ).rows


@pytest.fixture(scope="module")
def replay(playbooks: Any, tmp_path_factory: pytest.TempPathFactory) -> Replay:
    folder = tmp_path_factory.mktemp("occupancy")
    replace(playbooks, outputs_folder=folder).deploy(measures=MEASURES, **NAMES)
    outputs = folder / "local-us-east-1.json"
    stack = load(outputs)
    found = csv_file.load(CSV, csv_file.Settings("occupancy", "office"))
    now = datetime.now(UTC).replace(microsecond=0)
    messages, _ = csv_file.shift(found.messages, now, stack.memory_store)
    ledger = run.deliver(stack, run.split(messages), Console(file=io.StringIO()), patience=60)
    frame = pd.read_csv(CSV, parse_dates=["date"]).set_index("date").astype(float)
    frame.index = frame.index + (pd.Timestamp(now).tz_localize(None) - frame.index[-1])
    return Replay(stack, outputs, ledger, frame)


def hours_ago(hours: int) -> pd.Timestamp:
    return pd.Timestamp.now("UTC").tz_localize(None) - pd.Timedelta(hours=hours)


def close(found: list[tuple[Value, ...]], expected: Any) -> bool:
    """Whether rows are the same, numbers to nine digits."""
    assert len(found) == len(expected)
    for row, other in zip(found, expected, strict=True):
        for value, wanted in zip(row, other, strict=True):
            wanted = (
                wanted.to_pydatetime().replace(tzinfo=UTC) if isinstance(wanted, pd.Timestamp) else wanted
            )
            assert value == (pytest.approx(wanted, rel=1e-9) if isinstance(value, float) else wanted), (
                row,
                other,
            )
    return True


def test_every_reading_of_the_file_is_stored_by_one_route_or_the_other(replay: Replay) -> None:
    ledger = replay.ledger
    assert ledger.messages == {Route.BATCH: 1332, Route.DIRECT: 1333}
    assert len(ledger.stored) == len(ledger.routes) == 2665 * 6
    assert not ledger.reported
    assert not ledger.waiting


def test_some_are_in_the_magnetic_store(replay: Replay) -> None:
    """The file spans 44 hours, the memory store keeps 24."""
    assert timedelta(hours=44) < replay.frame.index[-1] - replay.frame.index[0] < timedelta(hours=45)
    assert replay.stack.memory_store == timedelta(hours=24)


def test_count(replay: Replay) -> None:
    found = replay.ask(
        "SELECT measure_name, count(*) FROM readings GROUP BY measure_name ORDER BY measure_name"
    )
    assert found == [(name, 2665) for name in sorted(MEASURES)]


def test_hourly_averages_by_bin(replay: Replay) -> None:
    found = replay.ask(
        "SELECT bin(time, 1h) AS hour, count(*), avg(measure_value::double) FROM readings"
        " WHERE measure_name = 'Temperature' GROUP BY bin(time, 1h) ORDER BY hour"
    )
    hourly = replay.frame["Temperature"].resample("1h").agg(["size", "mean"])
    assert close(found, list(hourly[hourly["size"] > 0].itertuples(name=None)))


@pytest.mark.parametrize(
    ("sql", "pandas"), [("min", "min"), ("max", "max"), ("avg", "mean"), ("stddev", "std"), ("sum", "sum")]
)
def test_minimum_maximum_and_the_like(replay: Replay, sql: str, pandas: str) -> None:
    found = replay.ask(
        f"SELECT measure_name, {sql}(measure_value::double) FROM readings"
        " GROUP BY measure_name ORDER BY measure_name"
    )
    assert close(found, [(name, replay.frame[name].agg(pandas)) for name in sorted(MEASURES)])


@pytest.mark.parametrize("percentile", [0.05, 0.5, 0.95])
def test_percentile(replay: Replay, percentile: float) -> None:
    """It is an approximation: within half a percentile of the rank asked for."""
    [(found,)] = replay.ask(
        f"SELECT approx_percentile(measure_value::double, {percentile}) FROM readings"
        " WHERE measure_name = 'CO2'"
    )
    around = replay.frame["CO2"].quantile([percentile - 0.005, percentile + 0.005])
    assert isinstance(found, float)
    assert around.iloc[0] <= found <= around.iloc[1]


def test_latest_value(replay: Replay) -> None:
    found = replay.ask(
        "SELECT measure_name, max(time), max_by(measure_value::double, time) FROM readings"
        " GROUP BY measure_name ORDER BY measure_name"
    )
    last = replay.frame.iloc[-1]
    assert close(found, [(name, replay.frame.index[-1], last[name]) for name in sorted(MEASURES)])


def test_join_of_two_measures_at_the_same_time(replay: Replay) -> None:
    [row] = replay.ask(
        "SELECT count(*), avg(t.measure_value::double * h.measure_value::double),"
        " corr(t.measure_value::double, h.measure_value::double)"
        " FROM readings t JOIN readings h ON t.time = h.time AND t.device_id = h.device_id"
        " WHERE t.measure_name = 'Temperature' AND h.measure_name = 'Humidity'"
    )
    temperature, humidity = replay.frame["Temperature"], replay.frame["Humidity"]
    assert close([row], [(2665, (temperature * humidity).mean(), temperature.corr(humidity))])


def test_cte(replay: Replay) -> None:
    """In which hours the room was taken for more than half of the minutes, and how much CO2 they had."""
    found = replay.ask(
        "WITH taken AS (SELECT bin(time, 1h) AS hour, avg(measure_value::double) AS share FROM readings"
        " WHERE measure_name = 'Occupancy' GROUP BY bin(time, 1h)),"
        " air AS (SELECT bin(time, 1h) AS hour, avg(measure_value::double) AS co2 FROM readings"
        " WHERE measure_name = 'CO2' GROUP BY bin(time, 1h))"
        " SELECT taken.hour, share, co2 FROM taken JOIN air ON taken.hour = air.hour"
        " WHERE share > 0.5 ORDER BY taken.hour"
    )
    hourly = replay.frame[["Occupancy", "CO2"]].resample("1h").mean()
    expected = list(hourly[hourly["Occupancy"] > 0.5].itertuples(name=None))
    assert expected
    assert close(found, expected)


def test_window(replay: Replay) -> None:
    """The ten greatest steps of light, and the average of the hour (60 rows) before each."""
    found = replay.ask(
        "WITH steps AS (SELECT time,"
        " measure_value::double - lag(measure_value::double) OVER (ORDER BY time) AS step,"
        " avg(measure_value::double) OVER (ORDER BY time ROWS BETWEEN 60 PRECEDING AND 1 PRECEDING) AS before"
        " FROM readings WHERE measure_name = 'Light')"
        " SELECT time, step, before FROM steps WHERE step IS NOT NULL ORDER BY abs(step) DESC, time LIMIT 10"
    )
    light = replay.frame["Light"]
    steps = pd.DataFrame(
        {"step": light.diff(), "before": light.rolling(60, min_periods=1).mean().shift()}
    ).dropna()
    order = (
        steps.assign(size=steps["step"].abs())
        .reset_index()
        .sort_values(["size", "date"], ascending=[False, True])
    )
    assert close(found, list(order[["date", "step", "before"]].head(10).itertuples(index=False, name=None)))


def test_values_of_a_day_part(replay: Replay) -> None:
    """What is bounded in time: the minutes of the last two hours in which the light was on."""
    found = replay.ask(
        "SELECT count(*), min(time) FROM readings WHERE measure_name = 'Light' AND measure_value::double > 0"
        " AND time > ago(2h) AND time <= now()"
    )
    light = replay.frame["Light"]
    recent = light[(light > 0) & (light.index > hours_ago(2))]
    [(count, first)] = found
    assert isinstance(count, int)
    assert isinstance(first, datetime)
    assert abs(count - len(recent)) <= 2  # the clock goes on between the two
    assert abs(pd.Timestamp(first).tz_localize(None) - recent.index[0]) <= pd.Timedelta("2min")


class TestQuestionsOfTheProject:
    """`files/queries`, asked of this file."""

    def answer(self, replay: Replay, name: str) -> list[tuple[Value, ...]]:
        [question] = [question for question in questions() if name in question.path.name]
        back = window(replay.frame.index[0].to_pydatetime().replace(tzinfo=UTC), datetime.now(UTC))
        return query(replay.stack, question.sql(replay.stack.database, replay.stack.table, back)).rows

    def test_readings(self, replay: Replay) -> None:
        first, last = replay.frame.index[[0, -1]]
        assert close(self.answer(replay, "readings"), [("occupancy", "office", 6, 15990, first, last)])

    def test_latest(self, replay: Replay) -> None:
        last = replay.frame.iloc[-1]
        expected = [("occupancy", replay.frame.index[-1], name, last[name]) for name in sorted(MEASURES)]
        assert close(self.answer(replay, "latest"), expected)

    def test_hourly(self, replay: Replay) -> None:
        """The latest hour first. The one that the query only reaches in part is left out."""
        found = [row for row in self.answer(replay, "hourly") if row[2] == "CO2"][:-1]
        hourly = replay.frame["CO2"].resample("1h").mean().iloc[::-1].head(len(found))
        assert len(found) in (3, 4)
        assert close(found, [("office", hour, "CO2", value) for hour, value in hourly.items()])

    def test_range(self, replay: Replay) -> None:
        exact = [0, 1, 2, 4, 6]  # the median and the 95th percentile are approximations
        found = [tuple(row[index] for index in exact) for row in self.answer(replay, "range")]
        columns = ((name, replay.frame[name]) for name in sorted(MEASURES))
        assert close(found, [(name, 2665, c.min(), c.mean(), c.max()) for name, c in columns])

    def test_quiet(self, replay: Replay) -> None:
        assert self.answer(replay, "quiet") == []

    def test_dew_point(self, replay: Replay) -> None:
        """The file has the humidity ratio w too, which leads there another way: e = w p / (0.622 + w)."""
        [row] = self.answer(replay, "dew-point")
        means = replay.frame["Temperature"].mean(), replay.frame["Humidity"].mean()
        assert close([row[:4]], [("office", 2665, *means)])
        dew_point, closest = row[4:]
        ratio = replay.frame["HumidityRatio"]
        pressure = ratio * 101_325 / (0.622 + ratio) / 611.2
        dew = pressure.map(lambda e: 243.12 * math.log(e) / (17.62 - math.log(e)))
        assert dew_point == pytest.approx(dew.mean(), abs=0.1)
        assert closest == pytest.approx((replay.frame["Temperature"] - dew).min(), abs=0.2)

    def test_jumps(self, replay: Replay) -> None:
        found = {row[0]: row[5] for row in self.answer(replay, "jumps")}
        steps = replay.frame.diff().dropna()
        assert {name: abs(float(str(step))) for name, step in found.items()} == pytest.approx(
            dict(steps.abs().max())
        )

    def test_outliers(self, replay: Replay) -> None:
        deviations = ((replay.frame - replay.frame.mean()) / replay.frame.std()).abs().to_numpy().ravel()
        found = [abs(float(str(row[5]))) for row in self.answer(replay, "outliers")]
        assert found == pytest.approx(sorted(deviations[deviations > 4], reverse=True)[:10])


def test_the_demo_replays_it_from_the_command_line(
    replay: Replay, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once more, as another device. It comes last, since the questions above are about one."""
    assert main(["--csv", str(CSV), "--outputs", str(replay.outputs), "--device-id", "again"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "2,665 rows of Temperature, Humidity, Light, CO2, HumidityRatio, Occupancy" in shown
    assert all(question.text in shown for question in questions())


def test_measures_for_the_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measures", str(CSV)]) == 0
    assert json.loads(capsys.readouterr().out) == MEASURES
