# SPDX-License-Identifier: MIT
"""The ledger finds tables again, with what they amount to."""

from __future__ import annotations

from pathlib import Path

import duckdb

from localaws.timestream.ledger import Kept, Ledger, Totals
from localaws.timestream.schema import Column

TOTALS = Totals(applied=7, rows=3, bytes=2**40, oldest=-(2**63), newest=5, metered=2048, conflicts=1)


def test_it_keeps_what_it_was_told(tmp_path: Path) -> None:
    connection = duckdb.connect(tmp_path / "rows.duckdb")
    ledger = Ledger(connection)
    device, state = Column("Device", "varchar", "dimension"), Column('a "b"', "timestamp", "measure")
    count = Column("measure_value::bigint", "bigint", "measure")
    ledger.add("one", 1)
    ledger.add("two", 2)
    ledger.extend(1, [device, state], {"state": "multi"})
    ledger.put(1, TOTALS)
    ledger.extend(1, [count], {"count": "bigint"})
    ledger.extend(1, [], {})
    expected = {
        "one": Kept(1, TOTALS, [device, state, count], {"state": "multi", "count": "bigint"}),
        "two": Kept(2),
    }
    assert ledger.tables() == expected
    connection.close()
    ledger = Ledger(duckdb.connect(tmp_path / "rows.duckdb"))
    assert ledger.tables() == expected
    ledger.remove(1)
    assert ledger.tables() == {"two": Kept(2)}
