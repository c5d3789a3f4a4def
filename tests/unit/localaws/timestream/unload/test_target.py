# SPDX-License-Identifier: MIT
"""The options of UNLOAD, as its page lists them.

https://docs.aws.amazon.com/timestream/latest/developerguide/export-unload-concepts.html
"""

from __future__ import annotations

import pytest

from localaws.errors import ValidationException
from localaws.timestream.sql import Unload, grammar
from localaws.timestream.unload.target import UnloadTarget


def target(location: str = "s3://bucket/folder", options: str = "") -> UnloadTarget:
    statement = f"UNLOAD (SELECT 1) TO '{location}' {f'WITH ({options})' if options else ''}"
    tree = grammar.parse(statement)
    assert isinstance(tree, Unload)
    return UnloadTarget.read(tree)


def test_the_defaults() -> None:
    assert target() == UnloadTarget(
        bucket="bucket",
        folder="folder",
        partitioned_by=[],
        format="CSV",
        compression="GZIP",
        encryption="SSE_S3",
        kms_key=None,
        field_delimiter=",",
        escaped_by="\\",
        include_header=False,
        max_file_size=78 * 10**9,
    )


def test_every_option() -> None:
    options = (
        "partitioned_by = ARRAY['a', 'b'], format = 'csv', compression = 'none', encryption = 'SSE_KMS', "
        "kms_key = 'alias/mine', field_delimiter = '|', escaped_by = '^', include_header = 'true', "
        "max_file_size = '24.7MB'"
    )
    assert target("s3://bucket", options) == UnloadTarget(
        "bucket", "", ["a", "b"], "CSV", "NONE", "SSE_KMS", "alias/mine", "|", "^", True, 24_700_000
    )


@pytest.mark.parametrize(
    ("location", "key"),
    [
        ("s3://bucket", "x"),
        ("s3://bucket/", "x"),
        ("s3://bucket/a/b/", "a/b/x"),
        ("s3://bucket/a b", "a b/x"),
    ],
)
def test_the_folder_is_where_files_go(location: str, key: str) -> None:
    assert target(location).key("x") == key
    assert target(location).url("k/y") == "s3://bucket/k/y"


@pytest.mark.parametrize(
    ("options", "extension"),
    [
        ("", "gz"),
        ("compression = 'NONE'", "csv"),
        ("format = 'PARQUET'", "parquet"),
        ("format = 'PARQUET', compression = 'NONE'", "parquet"),
    ],
)
def test_how_files_are_called(options: str, extension: str) -> None:
    assert target(options=options).extension == extension


@pytest.mark.parametrize(
    ("size", "bytes_"),
    [("16MB", 16 * 10**6), ("0.5GB", 5 * 10**8), ("78GB", 78 * 10**9), ("12gb", 12 * 10**9)],
)
def test_sizes(size: str, bytes_: int) -> None:
    assert target(options=f"max_file_size = '{size}'").max_file_size == bytes_


@pytest.mark.parametrize("location", ["bucket/folder", "http://bucket/x", "s3://", "s3:///folder", ""])
def test_a_location_that_is_none(location: str) -> None:
    with pytest.raises(ValidationException, match="s3://bucket-name/folder"):
        target(location)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("colour = 'red'", "no option 'colour'"),
        ("format = 'ORC'", "CSV, PARQUET"),
        ("format = ARRAY['CSV']", "takes a string"),
        ("compression = 'SNAPPY'", "GZIP, NONE"),
        ("encryption = 'CSE_KMS'", "SSE_KMS, SSE_S3"),
        ("kms_key = 'k'", "SSE_KMS only"),
        ("field_delimiter = ';;'", "single ASCII character"),
        ("field_delimiter = 'é'", "single ASCII character"),
        ("escaped_by = ''", "single ASCII character"),
        ("escaped_by = ','", "must differ"),
        ("field_delimiter = '\"'", "must differ"),
        ("include_header = 'yes'", "TRUE, FALSE"),
        ("max_file_size = '15.9MB'", "from 16MB to 78GB"),
        ("max_file_size = '79GB'", "from 16MB to 78GB"),
        ("max_file_size = '100KB'", "from 16MB to 78GB"),
        ("partitioned_by = 'a'", "an array of column names"),
        ("partitioned_by = ARRAY[]", "an array of column names"),
        ("partitioned_by = ARRAY['a', 'a']", "twice"),
        ("format = 'PARQUET', include_header = 'true'", "CSV only"),
    ],
)
def test_options_that_cannot_be(options: str, message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        target(options=options)
