# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest
from ingest.settings import Settings, SettingsError

REQUIRED = {"DATABASE_NAME": "iot-timeseries-dev", "TABLE_NAME": "sensor-data"}


def test_defaults() -> None:
    assert Settings.from_environ(REQUIRED) == Settings(
        database="iot-timeseries-dev",
        table="sensor-data",
        record_model="single",
        dimensions=("device_id", "location"),
        log_level="INFO",
    )


def test_every_setting_can_be_set() -> None:
    chosen = {"RECORD_MODEL": "multi", "DIMENSIONS": "plant, line", "LOG_LEVEL": "warning", "DEBUG": "False"}
    settings = Settings.from_environ(REQUIRED | chosen)
    assert (settings.record_model, settings.dimensions, settings.log_level) == (
        "multi",
        ("plant", "line"),
        "WARNING",
    )


def test_debug_wins_over_the_log_level() -> None:
    assert Settings.from_environ(REQUIRED | {"DEBUG": "True", "LOG_LEVEL": "ERROR"}).log_level == "DEBUG"


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"DATABASE_NAME": ""}, "DATABASE_NAME is not set"),
        ({"TABLE_NAME": ""}, "TABLE_NAME is not set"),
        ({"RECORD_MODEL": "wide"}, "RECORD_MODEL is 'wide'; allowed: single, multi"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL is 'LOUD'; allowed: DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ({"DEBUG": "maybe"}, "DEBUG is 'maybe'; allowed: true, false"),
        ({"DIMENSIONS": "a,,b"}, "DIMENSIONS is 'a,,b': '' is empty; allowed: a name"),
        ({"DIMENSIONS": "a,a"}, "DIMENSIONS is 'a,a'; allowed: names that differ from each other"),
        ({"DIMENSIONS": "time"}, "DIMENSIONS is 'time': 'time' is reserved"),
        ({"DIMENSIONS": "d" * 61}, "has 61 bytes; allowed: at most 60"),
    ],
)
def test_a_wrong_setting_is_named(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_environ(REQUIRED | environ)
    assert message in str(error.value)
