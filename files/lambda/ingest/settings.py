# SPDX-License-Identifier: MIT
"""The function's settings, from its environment variables.

DATABASE_NAME, TABLE_NAME   where the readings go; both required
RECORD_MODEL                single (default) or multi, see `ingest.records`
DIMENSIONS                  names of the fields that tell the series, by commas; default device_id,location
LOG_LEVEL                   DEBUG, INFO (default), WARNING, ERROR or CRITICAL
DEBUG                       true makes LOG_LEVEL DEBUG
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from ingest.names import name_fault

RecordModel = Literal["single", "multi"]

DIMENSION_NAME_BYTES = 60
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(ValueError):
    """A setting is missing or wrong; the message names it, its value and what is allowed."""


@dataclass(frozen=True)
class Settings:
    """What the function is told by its environment."""

    database: str
    table: str
    record_model: RecordModel
    dimensions: tuple[str, ...]
    log_level: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings; SettingsError names the first that is wrong."""
        debug = _choice(environ, "DEBUG", "false", ("true", "false")) == "true"
        level = _choice(environ, "LOG_LEVEL", "INFO", LOG_LEVELS)
        return cls(
            database=_required(environ, "DATABASE_NAME"),
            table=_required(environ, "TABLE_NAME"),
            record_model=cast(RecordModel, _choice(environ, "RECORD_MODEL", "single", ("single", "multi"))),
            dimensions=_dimensions(environ.get("DIMENSIONS") or "device_id,location"),
            log_level="DEBUG" if debug else level,
        )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name)
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def _choice(environ: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    """The allowed value that the variable spells, in whatever case; the default if it is unset or empty."""
    value = environ.get(name) or default
    for choice in allowed:
        if value.lower() == choice.lower():
            return choice
    raise SettingsError(f"{name} is {value!r}; allowed: {', '.join(allowed)}")


def _dimensions(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if fault := name_fault(name, DIMENSION_NAME_BYTES):
            raise SettingsError(f"DIMENSIONS is {text!r}: {name!r} {fault}")
    if len(set(names)) < len(names):
        raise SettingsError(f"DIMENSIONS is {text!r}; allowed: names that differ from each other")
    return names
