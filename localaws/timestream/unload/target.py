# SPDX-License-Identifier: MIT
"""What an UNLOAD statement says of where its rows go, and how they are written.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/export-unload-concepts.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from localaws.errors import ValidationException
from localaws.timestream.sql import Unload

SIZES = {"MB": 10**6, "GB": 10**9}
SMALLEST, LARGEST = 16 * SIZES["MB"], 78 * SIZES["GB"]
QUOTE = '"'

_LOCATION = re.compile(r"s3://([^/]+)(?:/(.*))?", re.DOTALL)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(MB|GB)", re.IGNORECASE)

Option = str | list[str]


@dataclass(frozen=True)
class UnloadTarget:
    """Where to, and how. `folder` has no slash at either end."""

    bucket: str
    folder: str
    partitioned_by: list[str] = field(default_factory=list)
    format: str = "CSV"
    compression: str = "GZIP"
    encryption: str = "SSE_S3"
    kms_key: str | None = None
    field_delimiter: str = ","
    escaped_by: str = "\\"
    include_header: bool = False
    max_file_size: int = LARGEST
    """In bytes."""

    @classmethod
    def read(cls, statement: Unload) -> UnloadTarget:
        """What a statement says.

        :raises ValidationException: the location or an option can't be, or two of them don't go together.
        """
        location = _LOCATION.fullmatch(statement.args["target"].name)
        if not location:
            raise ValidationException(
                f"The UNLOAD location must be s3://bucket-name/folder, not '{statement.args['target'].name}'"
            )
        options = statement.options()
        for name in options:
            if name not in _READERS:
                raise ValidationException(f"UNLOAD has no option '{name}'")
        values = {name: _READERS[name](name, value) for name, value in options.items()}
        target = cls(location[1], (location[2] or "").strip("/"), **values)
        target._check(values.keys())
        return target

    def key(self, name: str) -> str:
        """The key of an object in the folder."""
        return f"{self.folder}/{name}" if self.folder else name

    def url(self, key: str) -> str:
        """The address of an object."""
        return f"s3://{self.bucket}/{key}"

    @property
    def extension(self) -> str:
        """How the names of files end. Parquet is compressed within the file, which keeps its name."""
        if self.format == "PARQUET":
            return "parquet"
        return "gz" if self.compression == "GZIP" else "csv"

    def _check(self, given: Any) -> None:
        of_csv = sorted({"field_delimiter", "escaped_by", "include_header"} & set(given))
        if self.format == "PARQUET" and of_csv:
            raise ValidationException(f"The option '{of_csv[0]}' is for the format CSV only")
        if self.kms_key and self.encryption != "SSE_KMS":
            raise ValidationException("The option 'kms_key' is for the encryption SSE_KMS only")
        if len({self.field_delimiter, self.escaped_by, QUOTE}) < 3:
            raise ValidationException("The field delimiter, the escape character and the quote must differ")


def _text(name: str, value: Option) -> str:
    if not isinstance(value, str):
        raise ValidationException(f"The option '{name}' takes a string")
    return value


def _names(name: str, value: Option) -> list[str]:
    if not isinstance(value, list) or not value:
        raise ValidationException(f"The option '{name}' takes an array of column names")
    if len(set(value)) < len(value):
        raise ValidationException(f"The option '{name}' names a column twice")
    return value


def _one_of(*choices: str) -> Callable[[str, Option], str]:
    def read(name: str, value: Option) -> str:
        choice = _text(name, value).upper()
        if choice not in choices:
            raise ValidationException(f"The option '{name}' must be one of {', '.join(choices)}")
        return choice

    return read


def _character(name: str, value: Option) -> str:
    character = _text(name, value).replace(r"\t", "\t")
    if len(character) != 1 or not character.isascii():
        raise ValidationException(f"The option '{name}' takes a single ASCII character")
    return character


def _flag(name: str, value: Option) -> bool:
    return _one_of("TRUE", "FALSE")(name, value) == "TRUE"


def _size(name: str, value: Option) -> int:
    found = _SIZE.fullmatch(_text(name, value))
    size = int(Decimal(found[1]) * SIZES[found[2].upper()]) if found else 0
    if not SMALLEST <= size <= LARGEST:
        raise ValidationException(f"The option '{name}' must be from 16MB to 78GB, such as 12GB or 24.7MB")
    return size


_READERS: dict[str, Callable[[str, Option], Any]] = {
    "partitioned_by": _names,
    "format": _one_of("CSV", "PARQUET"),
    "compression": _one_of("GZIP", "NONE"),
    "encryption": _one_of("SSE_KMS", "SSE_S3"),
    "kms_key": _text,
    "field_delimiter": _character,
    "escaped_by": _character,
    "include_header": _flag,
    "max_file_size": _size,
}
