# SPDX-License-Identifier: MIT
"""A fleet of simulated sensors: machines at three places, under a weather of their own.

Every value is a function of the seed, the device and the time, and times lie on a grid. So a fleet played
twice tells the same story twice, and Timestream takes the second telling for what it is: the same readings
again. Another seed is another fleet, with serial numbers of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random

from demo.message import Delivery, Message, Route, milliseconds

MEASURES = ("temperature", "humidity", "pressure", "vibration")
CADENCE = timedelta(minutes=15)
SPAN = timedelta(hours=24)
QUIET = timedelta(hours=3)
"""How long one device has been silent: its battery is empty, and a question in `files/queries/` finds it."""


@dataclass(frozen=True)
class Site:
    """A place and its climate."""

    name: str
    utc_offset: int
    altitude: float  # metres
    temperature: float  # the day's mean, Celsius
    swing: float  # from the mean to the day's warmest hour, Kelvin
    humidity: float  # the day's mean, percent
    machine: str


@dataclass(frozen=True)
class Device:
    """A sensor on a machine."""

    id: str
    site: Site
    route: Route
    duty: float  # the share of a shift's minutes in which the machine runs
    silent: bool = False


SITES = (
    Site("harbour-cold-store", 0, 4, temperature=6.0, swing=1.5, humidity=82, machine="compressor"),
    Site("valley-press-shop", 1, 310, temperature=21.0, swing=4.0, humidity=46, machine="press"),
    Site("alpine-pump-house", 1, 1850, temperature=9.0, swing=6.5, humidity=60, machine="pump"),
)
ROUTES = (Route.DIRECT, Route.DIRECT, Route.CHECKED, Route.BATCH)


def play(seed: int, now: datetime) -> list[Delivery]:
    """All that the fleet of a seed said in the 24 hours up to now (aware of its zone), in order of time."""
    said = [
        Delivery(device.route, _message(seed, device, step))
        for device in devices(seed)
        for step in _steps(now - QUIET if device.silent else now, since=now - SPAN)
    ]
    return sorted(said, key=lambda delivery: delivery.message.time_ms)


def devices(seed: int) -> list[Device]:
    """Twelve devices, four at each site."""
    return [
        _device(seed, site, number, route) for site in SITES for number, route in enumerate(ROUTES, start=1)
    ]


def _device(seed: int, site: Site, number: int, route: Route) -> Device:
    serial = _random(seed, site.name, number)
    return Device(
        id=f"{site.machine}-{number}-{serial.randrange(16**4):04x}",
        site=site,
        route=route,
        duty=serial.uniform(0.4, 0.8),
        silent=site is SITES[-1] and route is Route.BATCH,
    )


def _steps(until: datetime, since: datetime) -> Iterator[int]:
    """The grid's steps, counted from the epoch, after `since` and up to `until`."""
    cadence = CADENCE // timedelta(milliseconds=1)
    return iter(range(milliseconds(since) // cadence + 1, milliseconds(until) // cadence + 1))


def _message(seed: int, device: Device, step: int) -> Message:
    hours = step * (CADENCE / timedelta(hours=1))
    temperature = _temperature(seed, device, hours)
    values = {
        "temperature": round(temperature, 2),
        "humidity": round(_humidity(seed, device, hours, temperature), 1),
        "pressure": round(_pressure(seed, device, hours), 2),
        "vibration": round(_vibration(seed, device, hours), 3),
    }
    return Message(device.id, device.site.name, step * (CADENCE // timedelta(milliseconds=1)), values)


def _temperature(seed: int, device: Device, hours: float) -> float:
    """Celsius: warmest at three in the afternoon, local time, and carried up and down by the weather."""
    site = device.site
    day = site.swing * math.cos(math.tau * (hours + site.utc_offset - 15) / 24)
    weather = 0.35 * site.swing * _drift(seed, site.name, "warmth", hours, period=9)
    own = 0.4 * _gauss(seed, device.id, "offset") + 0.12 * _gauss(seed, device.id, "temperature", hours)
    return site.temperature + day + weather + own


def _humidity(seed: int, device: Device, hours: float, temperature: float) -> float:
    """Percent: the same water in warmer air is less of what that air could hold, about 6 % less a Kelvin."""
    site = device.site
    water = 1 + 0.05 * _drift(seed, site.name, "water", hours, period=7)
    percent = site.humidity * water * math.exp(-0.06 * (temperature - site.temperature))
    return min(99.5, max(5.0, percent + 0.5 * _gauss(seed, device.id, "humidity", hours)))


def _pressure(seed: int, device: Device, hours: float) -> float:
    """Hectopascal: a slow walk about 1013.25 at sea level, less at altitude by the barometric formula."""
    sea_level = 1013.25
    sea_level += 5.0 * _drift(seed, device.site.name, "front", hours, period=16)
    sea_level += 0.8 * _drift(seed, device.site.name, "ripple", hours, period=4)
    noise = 0.05 * _gauss(seed, device.id, "pressure", hours)
    return sea_level * math.pow(1 - 2.25577e-5 * device.site.altitude, 5.25588) + noise


def _vibration(seed: int, device: Device, hours: float) -> float:
    """Millimetres a second, RMS: a machine that runs by turns in its shift, and now and then knocks."""
    chance = _random(seed, device.id, "machine", hours)
    shift = 6 <= (hours + device.site.utc_offset) % 24 < 22
    running = shift and chance.random() < device.duty
    level = chance.gauss(2.4, 0.25) if running else chance.gauss(0.06, 0.01)
    knock = chance.uniform(3.5, 5.0) if running and chance.random() < 0.012 else 1.0
    return max(0.01, level) * knock


def _drift(seed: int, place: str, what: str, hours: float, period: float) -> float:
    """A smooth walk of about unit size: normal values `period` hours apart, a gentle curve between them."""
    before = math.floor(hours / period)
    part = hours / period - before
    ease = part * part * (3 - 2 * part)
    return _gauss(seed, place, what, before) * (1 - ease) + _gauss(seed, place, what, before + 1) * ease


@lru_cache(maxsize=4096)
def _gauss(*name: object) -> float:
    return _random(*name).gauss(0, 1)


def _random(*name: object) -> Random:
    """Chance that depends on its name alone. Seeded by a text, it is the same on every machine and Python."""
    return Random("/".join(map(str, name)))  # noqa: S311
