# SPDX-License-Identifier: MIT
"""The module timestream_database_info, against the embedded AWS."""

from __future__ import annotations

from typing import Any


def test_databases_of_all_pages_with_their_tables(aws: Any, run_module: Any) -> None:
    """A page has at most 20."""
    timestream = aws.client("timestream-write")
    names = [f"module-info-{place:02}" for place in range(23)]
    for name in names:
        timestream.create_database(DatabaseName=name)
    timestream.create_table(DatabaseName=names[0], TableName="one")
    try:
        result = run_module("timestream_database_info", check=True)
        found = {each["name"]: each for each in result["databases"]}
        assert set(names) <= set(found)
        assert (found[names[0]]["table_count"], found[names[1]]["table_count"]) == (1, 0)
        assert found[names[1]]["arn"] == f"arn:aws:timestream:us-east-1:000000000000:database/{names[1]}"
        assert result["changed"] is False
    finally:
        timestream.delete_table(DatabaseName=names[0], TableName="one")
        for name in names:
            timestream.delete_database(DatabaseName=name)
