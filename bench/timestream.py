# SPDX-License-Identifier: MIT
"""The embedded Timestream: what writes and queries cost, from an empty table to a full one."""

# ruff: noqa: S608 - the names in the statements are the workload's own
from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import duckdb
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from botocore.config import Config
from rich.progress import Progress

from bench import workload
from bench.figures import Figure, seconds, typical
from bench.processes import Server, server
from localaws import settings

SAMPLE = 300
"""Requests over which CPU is measured: the kernel counts it in hundredths of a second."""
RUNS = 15
SCAN_ROWS = 1_000_000

FROM = f'"{workload.DATABASE}"."{workload.TABLE}"'
SCAN = f"SELECT bin(time, 1h) AS hour, avg(temperature) AS mean FROM {FROM} GROUP BY 1"
SCAN_IN_DUCKDB = "SELECT date_trunc('hour', time) AS hour, avg(temperature) AS mean FROM readings GROUP BY 1"
POINT = f"SELECT time, temperature FROM {FROM} WHERE device_id = 'device-0500' AND time > ago(1h)"


def figures(folder: Path, rows: int, progress: Progress) -> list[Figure]:
    """All figures.

    :param folder: where the server keeps its state; empty.
    :param rows: how many records the full table has.
    """
    started = time.perf_counter()
    with server(folder) as running:
        first_answer = _answered(running, started)
        idle = running.memory()
        found = [*_start(first_answer, idle), *_writes(running, rows, progress)]
    started = time.perf_counter()
    with server(folder) as running:
        again = _answered(running, started)
        point = _point(running)
        return [
            *found,
            Figure(f"down and up with {rows:,} records, to the first answer", again, "s", aim=2),
            point,
        ]


def _answered(running: Server, started: float) -> float:
    running.call("Query", {"QueryString": "SELECT 1"})
    return time.perf_counter() - started


def _start(first_answer: float, idle: float) -> Iterator[Figure]:
    imports = [sys.executable, "-c", "import boto3; boto3.client('s3', 'us-east-1')"]
    [boto] = typical(5, lambda: seconds(lambda: subprocess.run(imports, check=True)))  # noqa: S603
    yield Figure("start to the first answer", first_answer, "s", aim=2)
    yield Figure("the same", first_answer, "s", aim=10, against=("a boto3 client made", boto))
    yield Figure("memory of an idle server", idle, "MB", aim=200)


def _writes(running: Server, rows: int, progress: Progress) -> Iterator[Figure]:
    for operation, request in workload.table_requests():
        running.call(operation, request)
    times = workload.times(rows + 10 * SAMPLE * workload.BATCH // 3)
    position = 0

    def write(count: int, writers: int = 1) -> float:
        """CPU seconds a request."""
        nonlocal position
        batches = workload.batches(range(position, position + count))
        position += count

        def write_each(first: int) -> None:
            for batch in batches[first::writers]:
                running.call("WriteRecords", workload.request(batch, times))

        begin = running.cpu()
        with ThreadPoolExecutor(writers) as pool:
            list(pool.map(write_each, range(writers)))
        return (running.cpu() - begin) / len(batches)

    write(SAMPLE * workload.BATCH)  # so that every device is known, and all code has run once
    empty = write(SAMPLE * workload.BATCH)
    task = progress.add_task(f"writing {rows:,} records", total=rows)
    scan: list[Figure] = []
    for done in range(0, rows, SCAN_ROWS):
        write(min(SCAN_ROWS, rows - done), writers=2)
        progress.advance(task, SCAN_ROWS)
        if not done:
            scan = [_scan(running, times[:position])]
    full = write(SAMPLE * workload.BATCH)
    yield Figure("WriteRecords of 100 records, four measures each: server's CPU", empty * 1e3, "ms", aim=5)
    client = _client_cpu(running, times[position:])
    yield Figure("the same", empty * 1e3, "ms", aim=0.5, against=("boto3's own CPU for it", client * 1e3))
    yield Figure(
        f"the same at {rows:,} records", full * 1e3, "ms", aim=1.2, against=("near none", empty * 1e3)
    )
    yield from scan


def _client_cpu(running: Server, times: range) -> float:
    """CPU seconds that a boto3 client spends on such a request."""
    client: Any = boto3.client(
        "timestream-write",
        endpoint_url=running.instance.endpoint,
        region_name=settings.REGION,
        aws_access_key_id=settings.CREDENTIALS,
        aws_secret_access_key=settings.CREDENTIALS,
        config=Config(proxies={}),
    )
    batches = workload.batches(range(SAMPLE * workload.BATCH // 3))
    requests = [workload.request(batch, times) for batch in batches]
    begin = time.process_time()
    for request in requests:
        client.write_records(**request)
    return (time.process_time() - begin) / len(requests)


def _scan(running: Server, times: range) -> Figure:
    """By the hour, over what has been written so far."""
    connection = _in_duckdb(times)
    ours, duckdbs = typical(
        RUNS,
        lambda: seconds(lambda: running.call("Query", {"QueryString": SCAN})),
        lambda: seconds(lambda: connection.execute(SCAN_IN_DUCKDB).fetchall()),
    )
    what = f"bin(time, 1h), avg() over {len(times):,} records, through HTTP"
    return Figure(what, ours * 1e3, "ms", aim=1.5, against=("DuckDB's own", duckdbs * 1e3))


def _in_duckdb(times: range) -> duckdb.DuckDBPyConnection:
    """The same records in a DuckDB of their own."""
    numbers = range(len(times))
    rows = pa.table(
        {
            "device_id": [workload.device(number) for number in numbers],
            "time": np.array(times, dtype="datetime64[ms]").astype("datetime64[ns]"),
            "temperature": [workload.values(number)[0] for number in numbers],
        }
    )
    connection = duckdb.connect()
    connection.register("arrow", rows)
    connection.execute("CREATE TABLE readings AS SELECT * FROM arrow")
    return connection


def _point(running: Server) -> Figure:
    found = _rows(running.call("Query", {"QueryString": POINT}))
    [ours] = typical(RUNS, lambda: seconds(lambda: running.call("Query", {"QueryString": POINT})))
    what = f"a device's last hour ({len(found)} records), through HTTP, after the restart"
    return Figure(what, ours * 1e3, "ms", aim=20)


def _rows(answer: dict[str, Any]) -> list[list[str]]:
    return [[datum.get("ScalarValue", "") for datum in row["Data"]] for row in answer["Rows"]]
