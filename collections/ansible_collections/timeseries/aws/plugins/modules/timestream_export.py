#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Unloads a whole table of Amazon Timestream for LiveAnalytics to S3, and counts what arrived."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: timestream_export
version_added: 0.1.0
short_description: Unload a whole table of Amazon Timestream for LiveAnalytics to S3
description:
  - Unloads all rows of a table to files in S3.
  - It fails unless there are as many rows in the files as in the table, before and after.
  - Each run unloads anew. A table that does not exist or holds no row is left alone.
  - AWS ends a query, and so the export of a table, after 60 minutes, and advises at most 60 GB each.
options:
  database:
    description: The database of the table.
    type: str
    required: true
  table:
    description: The name of the table.
    type: str
    required: true
  destination:
    description:
      - Where the files go, as V(s3://bucket/folder).
      - The bucket is in the region and the account of the table.
    type: str
    required: true
  format:
    description: The format of the files, which are compressed with gzip.
    type: str
    choices: [CSV, PARQUET]
    default: PARQUET
attributes:
  check_mode:
    description: Unloads nothing, and returns how many rows it would unload.
    support: full
  diff_mode:
    description: Has nothing to compare.
    support: none
author:
  - The timeseries-ansible authors (@timeseries-ansible)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Keep a table's data in S3
  timeseries.aws.timestream_export:
    database: iot-timeseries-prod
    table: sensor-data
    destination: s3://archive-123456789012/iot-timeseries-prod/sensor-data
"""

RETURN = r"""
rows:
  description: How many rows the table holds, and so the files.
  returned: success
  type: int
  sample: 120000
manifest:
  description: The S3 URL of the list of the files. Null if there are none.
  returned: success
  type: str
  sample: s3://archive-123456789012/iot-timeseries-prod/sensor-data/AEBQEANNXE_manifest.json
"""

import json
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.timeseries.aws.plugins.module_utils.resource import error_handler, retrying_client
from ansible_collections.timeseries.aws.plugins.module_utils.timestream import (
    TimestreamError,
    TimestreamErrorHandler,
    pages,
)

S3ErrorHandler = error_handler("NoSuchKey", "NoSuchBucket")


def identifier(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL takes it."""
    return "'" + value.replace("'", "''") + "'"


def unload_statement(table: str, destination: str, kind: str) -> str:
    """The statement that unloads a whole table.

    https://docs.aws.amazon.com/timestream/latest/developerguide/supported-sql-constructs.UNLOAD.html
    """
    options = f"format = {text(kind)}, compression = 'GZIP'"
    return f"UNLOAD (SELECT * FROM {table}) TO {text(destination)} WITH ({options})"  # noqa: S608


@TimestreamErrorHandler.list_error_handler("describe the table", default_value=False)
def exists(client: Any, database: str, name: str) -> bool:
    """Whether there is such a table."""
    client.describe_table(aws_retry=True, DatabaseName=database, TableName=name)
    return True


def answer_of(client: Any, query: str) -> dict[str, str]:
    """The one row that a query answers, by column."""
    answers = pages(client, query)
    [row] = [row for page in answers for row in page["Rows"]]
    named = zip(answers[-1]["ColumnInfo"], row["Data"], strict=True)
    return {column.get("Name", ""): datum["ScalarValue"] for column, datum in named}


def count(client: Any, table: str) -> int:
    """How many rows a table holds."""
    return int(answer_of(client, f'SELECT count(*) AS "rows" FROM {table}')["rows"])  # noqa: S608


@S3ErrorHandler.common_error_handler("read the manifest of the export")
def rows_listed(client: Any, manifest: str) -> int:
    """How many rows the files of a manifest hold together."""
    bucket, _, key = manifest.removeprefix("s3://").partition("/")
    listed = json.loads(client.get_object(aws_retry=True, Bucket=bucket, Key=key)["Body"].read())
    return sum(file["file_metadata"]["row_count"] for file in listed["result_files"])


def require_agreement(table: str, manifest: str, counts: dict[str, int]) -> None:
    """TimestreamError unless all that counted the rows say the same."""
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{who} {rows}" for who, rows in counts.items())
        raise TimestreamError(
            f"The export of {table} can't be trusted, see {manifest}. Rows: {told}."
            " If the table was still written to meanwhile, stop that and export again"
        )


def export(module: AnsibleAWSModule, client: Any, table: str, rows: int) -> str:
    """Unload a table that holds rows; the manifest's URL."""
    statement = unload_statement(table, module.params["destination"], module.params["format"])
    unloaded = answer_of(client, statement)
    manifest = unloaded["manifestFile"]
    counts = {
        "counted before": rows,
        "unloaded": int(unloaded["rows"]),
        "in the files": rows_listed(retrying_client(module, "s3"), manifest),
        "counted after": count(client, table),
    }
    require_agreement(table, manifest, counts)
    return manifest


def ensure(module: AnsibleAWSModule) -> dict[str, Any]:
    """The module's result."""
    database, name = module.params["database"], module.params["table"]
    if not exists(retrying_client(module, "timestream-write"), database, name):
        return {"changed": False, "rows": 0, "manifest": None}
    client = retrying_client(module, "timestream-query")
    table = f"{identifier(database)}.{identifier(name)}"
    rows = count(client, table)
    manifest = export(module, client, table, rows) if rows and not module.check_mode else None
    return {"changed": rows > 0, "rows": rows, "manifest": manifest}


def main() -> None:
    """Run the module."""
    arguments = {
        "database": {"required": True},
        "table": {"required": True},
        "destination": {"required": True},
        "format": {"choices": ["CSV", "PARQUET"], "default": "PARQUET"},
    }
    module = AnsibleAWSModule(argument_spec=arguments, supports_check_mode=True)
    try:
        module.exit_json(**ensure(module))
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)


if __name__ == "__main__":
    main()
