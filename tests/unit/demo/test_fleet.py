# SPDX-License-Identifier: MIT
"""The simulated fleet: the same for the same seed, and like a real one."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import correlation, median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo import fleet
from demo.message import Delivery, Route, milliseconds

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@pytest.fixture(scope="module")
def played() -> list[Delivery]:
    return fleet.play(2026, NOW)


def series(played: list[Delivery], measure: str) -> dict[str, list[float]]:
    found = defaultdict(list)
    for delivery in played:
        found[delivery.message.location].append(delivery.message.values[measure])
    return found


def test_same_seed_tells_the_same_story() -> None:
    assert fleet.play(5, NOW) == fleet.play(5, NOW)


@settings(max_examples=5)
@given(seed=st.integers(), now=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(hours=20)))
def test_what_two_plays_of_a_seed_both_tell_is_the_same(seed: int, now: datetime, later: timedelta) -> None:
    """A second demo an hour later sends the readings of the first again, not others in their place."""
    first, second = (
        {key: value for d in fleet.play(seed, at) for key, value in d.message.readings()}
        for at in (now, now + later)
    )
    shared = first.keys() & second.keys()
    assert shared
    assert all(first[key] == second[key] for key in shared)


def test_another_seed_is_another_fleet() -> None:
    assert not {d.id for d in fleet.devices(1)} & {d.id for d in fleet.devices(2)}


def test_twelve_devices_at_three_locations_use_every_route() -> None:
    devices = fleet.devices(1)
    assert len({device.id for device in devices}) == 12
    assert len({device.site.name for device in devices}) == 3
    assert {device.route for device in devices} == set(Route)


@settings(max_examples=20)
@given(now=MOMENTS)
def test_span_is_the_last_24_hours_a_message_every_quarter(now: datetime) -> None:
    played = fleet.play(3, now)
    times = [d.message.time_ms for d in played]
    assert milliseconds(now - timedelta(hours=24)) < min(times)
    assert milliseconds(now - timedelta(minutes=15)) < max(times) <= milliseconds(now)
    assert {time % (15 * 60_000) for time in times} == {0}
    assert len(played) == 11 * 96 + 96 - 12  # one device has been silent for three hours
    assert all(tuple(d.message.values) == fleet.MEASURES for d in played)


def test_one_device_has_been_silent_for_three_hours(played: list[Delivery]) -> None:
    last: dict[str, int] = {}
    for d in played:
        last[d.message.device_id] = max(last.get(d.message.device_id, 0), d.message.time_ms)
    silent = [time for time in last.values() if time <= milliseconds(NOW - timedelta(hours=3))]
    assert len(silent) == 1


@pytest.mark.parametrize("seed", range(5))
def test_values_are_within_physical_bounds(seed: int) -> None:
    for d in fleet.play(seed, NOW):
        values = d.message.values
        assert -20 < values["temperature"] < 45
        assert 5 <= values["humidity"] <= 99.5
        assert 0 < values["vibration"] < 25


def test_pressure_is_that_of_the_altitude(played: list[Delivery]) -> None:
    """International standard atmosphere: 1013 hPa at 4 m, 977 hPa at 310 m, 810 hPa at 1850 m."""
    standard = {"harbour-cold-store": 1012.8, "valley-press-shop": 976.6, "alpine-pump-house": 810.0}
    for location, pressures in series(played, "pressure").items():
        assert max(abs(pressure - standard[location]) for pressure in pressures) < 25
        steps = [abs(b - a) for a, b in pairwise(pressures)]
        assert median(steps) < 0.3  # a slow walk: 1.2 hPa an hour is already a storm


@pytest.mark.parametrize("location", [site.name for site in fleet.SITES])
def test_warm_air_is_drier(played: list[Delivery], location: str) -> None:
    assert correlation(series(played, "temperature")[location], series(played, "humidity")[location]) < -0.8


def test_afternoon_is_warmer_than_night(played: list[Delivery]) -> None:
    for site in fleet.SITES:
        by_hour = defaultdict(list)
        for d in played:
            if d.message.location == site.name:
                by_hour[(d.message.time_ms // 3_600_000 + site.utc_offset) % 24].append(
                    d.message.values["temperature"]
                )
        afternoon = [t for hour in (14, 15, 16) for t in by_hour[hour]]
        night = [t for hour in (2, 3, 4) for t in by_hour[hour]]
        assert sum(afternoon) / len(afternoon) > sum(night) / len(night)


def test_machines_run_by_turns_in_their_shift_and_rest_at_night(played: list[Delivery]) -> None:
    running = {True: 0, False: 0}
    for d in played:
        site = next(site for site in fleet.SITES if site.name == d.message.location)
        in_shift = 6 <= (d.message.time_ms // 3_600_000 + site.utc_offset) % 24 < 22
        running[in_shift] += d.message.values["vibration"] > 1
    assert running[False] == 0
    assert 12 * 64 * 0.3 < running[True] < 12 * 64 * 0.9


def test_some_machine_knocks_within_a_few_days() -> None:
    vibration = [
        d.message.values["vibration"] for day in range(4) for d in fleet.play(1, NOW + timedelta(days=day))
    ]
    assert 0 < sum(value > 6 for value in vibration) < 0.03 * len(vibration)
