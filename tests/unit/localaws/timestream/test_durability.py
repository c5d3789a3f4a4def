# SPDX-License-Identifier: MIT
"""What was acknowledged is there for the next process, once and as it was last, whatever ended the last one.

To kill a process leaves its files as they are; so does copying them while it lives.
"""

from __future__ import annotations

import itertools
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from localaws.embedded import embedded_aws
from localaws.errors import ResourceNotFoundException
from localaws.process import PROJECT
from localaws.timestream.journal import Journal
from localaws.timestream.ledger import Ledger
from localaws.timestream.records import parse
from localaws.timestream.rows import Rows
from localaws.timestream.service import Timestream
from localaws.timestream.store import Store
from localaws.timestream.windows import DAY, HOUR, Windows
from tests.unit.localaws.timestream.conftest import NEW_YEAR

SECOND = 10**9
NOW = NEW_YEAR * SECOND


def windows(now: int) -> Windows:
    """Of a day in memory and another on disk."""
    return Windows(start=now - 2 * DAY, memory_start=now - DAY, end=now + HOUR, magnetic_writes=True)


def opened(folder: Path | None) -> Store:
    if folder is None:
        return Store(duckdb.connect(config={"threads": 1}))
    connection = duckdb.connect(folder / "rows.duckdb", config={"threads": 1, "fsync_mode": "NONE"})
    return Store(connection, Journal(folder / "journal.sqlite"))


def reading(device: str, measure: str, age: int, value: int, version: int) -> dict[str, Any]:
    """A record of so many seconds before the new year; one of several measures if it tells a state."""
    dimensions = [("Device", device)] + ([("Part", "x")] if value else [])
    base = {
        "Dimensions": [{"Name": name, "Value": text} for name, text in dimensions],
        "Time": str(NEW_YEAR - age),
        "TimeUnit": "SECONDS",
        "Version": version,
        "MeasureName": measure,
    }
    if measure == "state":
        several = [{"Name": f"State{version}", "Type": "VARCHAR", "Value": f"ä {value}"}]
        return {**base, "MeasureValueType": "MULTI", "MeasureValues": several}
    return {**base, "MeasureValueType": "BIGINT", "MeasureValue": str(value * version)}


class Life:
    """A store's life; if it has a folder, one of many deaths."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.now = NOW
        self.begin()

    def begin(self) -> None:
        self.store = opened(self.folder)
        self.table = self.store.table("arn")
        self.store.drop_left()

    def end(self) -> None:
        self.store.close()

    def step(self, step: str | list[dict[str, Any]]) -> Any:
        """Takes a step, and tells what can be seen of it."""
        match step:
            case "look":
                return self.looks()
            case "flush":
                self.store.flush()
            case "hours":
                self.now += 6 * HOUR
                self.table.expire(windows(self.now))
            case "drop":
                self.table.drop()
                self.table = self.store.table("arn")
            case "restart" | "kill" if self.folder:
                self.folder, before = self.folder.with_name(f"{self.folder.name}+"), self.folder
                if step == "kill":
                    shutil.copytree(before, self.folder)
                self.store.close()
                if step == "restart":
                    shutil.copytree(before, self.folder)
                self.begin()
            case list():
                return self.table.write(parse({"Records": step}), windows(self.now))
        return None

    def looks(self) -> Any:
        table, now = self.table, windows(self.now)
        relation = table.relation(now)
        names = ", ".join(f'"{column.name}"' for column in relation.columns)
        rows = self.store.cursor().execute(f"SELECT {names} FROM {relation.name}").fetchall()
        numbers = table.rows, table.bytes, table.metered, table.magnetic_conflicts
        assert len(rows) == table.rows
        return relation.columns, sorted(rows, key=repr), numbers, table.tiers(now)


READINGS = st.builds(
    reading,
    st.sampled_from("ab"),
    st.sampled_from(["count", "state"]),
    st.sampled_from([0, 1, 25 * 3600, 44 * 3600]),
    st.integers(0, 1),
    st.integers(1, 3),
)
STEPS = st.lists(
    st.lists(READINGS, min_size=1, max_size=5)
    | st.sampled_from(["look", "flush", "hours", "drop", "restart", "kill", "kill"]),
    max_size=10,
)


@settings(max_examples=30)
@given(STEPS)
@example([[reading("a", "state", 0, 0, 2), reading("a", "state", 0, 0, 1)]])
@example([[reading("a", "count", 0, 1, 1)], "flush", [reading("a", "count", 0, 1, 2)], "kill", "look"])
def test_a_store_in_a_folder_is_as_one_that_never_ended(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "store"
        folder.mkdir()
        mortal, immortal = Life(folder), Life(None)
        for step in [*steps, "kill", "look"]:
            assert mortal.step(step) == immortal.step(step)
        mortal.end()
        immortal.end()


@pytest.mark.parametrize(
    "moment", [(Ledger, "put"), (Ledger, "extend"), (Journal, "forget"), (Rows, "insert")]
)
def test_a_kill_in_the_midst_of_a_flush(
    moment: tuple[type, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither lost nor twice: before DuckDB has committed the journal has it, after that DuckDB."""
    (tmp_path / "store").mkdir()
    life, expected = Life(tmp_path / "store"), Life(None)
    steps: list[Any] = [
        [reading("a", "count", 0, 1, 1), reading("a", "state", 0, 1, 1)],
        "flush",
        [
            reading("a", "count", 0, 1, 2),
            reading("b", "state", 1, 0, 1),
            reading("a", "count", 30 * 3600, 0, 1),
        ],
        [reading("a", "count", 30 * 3600, 1, 1), reading("b", "count", 5, 1, 1)],
    ]
    for step in steps:
        assert life.step(step) == expected.step(step)
    owner, name = moment
    done = getattr(owner, name)

    def killed(*arguments: Any) -> Any:
        if not (tmp_path / "killed").exists():
            shutil.copytree(tmp_path / "store", tmp_path / "killed")
        return done(*arguments)

    monkeypatch.setattr(owner, name, killed)
    life.step("flush")
    assert (tmp_path / "killed").exists()
    monkeypatch.undo()
    life.end()
    after = Life(tmp_path / "killed")
    assert after.step("look") == expected.step("look")
    assert after.step("kill") is None
    assert after.step("look") == expected.step("look")
    after.end()


def test_tables_that_nobody_knows_are_dropped(tmp_path: Path) -> None:
    """A kill leaves them, when it comes between rows and catalogue."""
    store = opened(tmp_path)
    for arn in ("known", "unknown"):
        store.table(arn).write(parse({"Records": [reading("a", "count", 0, 1, 1)]}), windows(NOW))
    store.close()
    store = opened(tmp_path)
    assert store.table("known").rows == 1
    store.drop_left()
    assert store.cursor().execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
    ).fetchall() == [("table_1",)]
    assert store.table("unknown").rows == 0
    store.close()


def test_what_was_written_to_a_deleted_table_is_not_taken_up_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(tmp_path)
    table = store.table("arn")
    table.write(parse({"Records": [reading("a", "count", 0, 1, 1)]}), windows(NOW))
    monkeypatch.setattr(Journal, "forget_table", lambda *_: None)  # as a kill would do
    table.drop()
    store.close()
    monkeypatch.undo()
    store = opened(tmp_path)
    assert store.table("arn").rows == 0
    store.close()


def test_a_request_to_a_table_deleted_meanwhile_is_refused() -> None:
    store = opened(None)
    table = store.table("arn")
    table.drop()
    with pytest.raises(ResourceNotFoundException):
        table.write(parse({"Records": [reading("a", "count", 0, 1, 1)]}), windows(NOW))
    assert store.pending == 0


TABLE = {"DatabaseName": "plant", "TableName": "readings"}
WRITERS = 4
WRITER_PROCESS = """
import sys, threading
from pathlib import Path
from localaws.timestream import store
from localaws.timestream.service import Timestream
from tests.unit.localaws.timestream.test_durability import TABLE, request

store.PENDING_ROWS = 300
folder, begin, *numbers = sys.argv[1:]
service = Timestream("000000000000", "us-east-1", folder=Path(folder))
say = threading.Lock()

def write(writer, number):
    while True:
        service.call("WriteRecords", request(writer, number, int(begin)), "")
        with say:
            print(writer, number, flush=True)
        number += 1

for writer, number in enumerate(map(int, numbers)):
    threading.Thread(target=write, args=[writer, number], daemon=True).start()
while True:
    service.call("Query", {"QueryString": "SELECT count(*) FROM plant.readings"}, "")
"""


def request(writer: int, number: int, begin: int) -> dict[str, Any]:
    """A writer's request: ten new records, and new versions of some of earlier requests."""
    written = [(10 * number + place, 1) for place in range(10)]
    written += [(10 * (number - 1) + place, 2) for place in range(3) if number >= 1]
    written += [(10 * (number - 5), 3)] if number >= 5 else []
    return {
        **TABLE,
        "CommonAttributes": {
            "Dimensions": [{"Name": "writer", "Value": str(writer)}],
            "MeasureName": "number",
            "MeasureValueType": "BIGINT",
            "MeasureValue": str(number),
        },
        "Records": [{"Time": str(begin + place), "Version": version} for place, version in written],
    }


def written(count: int) -> dict[int, int]:
    """The values by place after a writer's first requests: those of the requests that wrote them last."""
    values = {10 * number + place: number for number in range(count) for place in range(10)}
    values |= {10 * (number - 1) + place: number for number in range(1, count) for place in range(3)}
    return values | {10 * (number - 5): number for number in range(5, count)}


def test_a_killed_process_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Four writers and a reader, killed at any moment and begun again where they were, five times."""
    chance, begin = random.Random(3), int((time.time() - 3600) * 1000)  # noqa: S311
    service = Timestream("000000000000", "us-east-1", folder=tmp_path)
    service.call("CreateDatabase", {"DatabaseName": "plant"}, "")
    service.call("CreateTable", TABLE, "")
    counts = [0] * WRITERS
    for _ in range(5):
        service.close()
        counts = until_killed(tmp_path, begin, counts, after=chance.randint(20, 300))
        service = Timestream("000000000000", "us-east-1", folder=tmp_path)
        found = stored(service, begin)
        for writer, acknowledged in enumerate(counts):
            # A request that was not acknowledged is there or not, but as a whole
            counts[writer] = acknowledged + (found[writer] == written(acknowledged + 1))
            assert found[writer] == written(counts[writer])
        [summary] = service.summary()
        assert summary["records"] == sum(map(len, found))
    service.close()


def until_killed(folder: Path, begin: int, counts: list[int], after: int) -> list[int]:
    """Have writers go on from what they have written; how many requests of each were acknowledged."""
    command = [sys.executable, "-c", WRITER_PROCESS, str(folder), str(begin), *map(str, counts)]
    acknowledged = list(counts)
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in itertools.chain(itertools.islice(process.stdout, after), dying(process)):
            writer, number = map(int, line.split())
            acknowledged[writer] = number + 1
    return acknowledged


def dying(process: subprocess.Popen[str]) -> Iterator[str]:
    """Kill a process; what it had said meanwhile."""
    assert process.stdout
    process.kill()
    yield from process.stdout


def stored(service: Timestream, begin: int) -> list[dict[int, int]]:
    """The values by place, of each writer; a row that is there twice fails."""
    values: list[dict[int, int]] = [{} for _ in range(WRITERS)]
    statement = "SELECT writer, to_milliseconds(time), measure_value::bigint FROM plant.readings"
    request = {"QueryString": statement}
    while True:
        answer = service.call("Query", request, "")
        for row in answer["Rows"]:
            writer, place, value = (int(datum["ScalarValue"]) for datum in row["Data"])
            assert place - begin not in values[writer]
            values[writer][place - begin] = value
        if "NextToken" not in answer:
            return values
        request = {"QueryString": statement, "NextToken": answer["NextToken"]}


def test_a_server_that_is_killed_has_all_records_when_it_is_up_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with embedded_aws(tmp_path_factory.mktemp("killed")) as aws:
        writes = aws.client("timestream-write")
        writes.create_database(DatabaseName="plant")
        writes.create_table(**TABLE)
        begin = int((time.time() - 3600) * 1000)
        for number in range(20):
            writes.write_records(**request(0, number, begin))
        for again in (aws.kill, aws.restart):
            again()
            statement = "SELECT count(*), sum(measure_value::bigint) FROM plant.readings"
            answer = aws.client("timestream-query").query(QueryString=statement)
            values = written(20).values()
            assert [[datum["ScalarValue"] for datum in row["Data"]] for row in answer["Rows"]] == [
                [str(len(values)), str(sum(values))]
            ]
