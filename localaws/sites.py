# SPDX-License-Identifier: MIT
"""Services apart by account and region: each is made when it is first asked for, or was there before.

DATA/ACCOUNT-REGION/    what the services of one account and region keep
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar


class Service(Protocol):
    """A service that works by itself and keeps state."""

    def work(self) -> None:
        """Do what is due by now."""

    def close(self) -> None:
        """Let go of the state."""


S = TypeVar("S", bound=Service)


class Sites(Generic[S]):
    """One service for each account and region.

    :param data: the folder of all that they keep.
    :param make: makes one: account, region and its folder are given.
    """

    def __init__(self, data: Path, make: Callable[[str, str, Path], S]) -> None:
        self._data = data
        self._make = make
        self._lock = threading.Lock()
        self._services: dict[tuple[str, str], S] = {}
        for folder in data.glob("*-*"):
            account, _, region = folder.name.partition("-")
            self.at(account, region)

    def at(self, account: str, region: str) -> S:
        """The service of an account in a region."""
        key = account, region
        with self._lock:
            if key not in self._services:
                self._services[key] = self._make(account, region, self._data / f"{account}-{region}")
            return self._services[key]

    def work(self) -> None:
        """Let each do what is due."""
        for service in list(self._services.values()):
            service.work()

    def close(self) -> None:
        """Let go of all state, which stays in the folder."""
        with self._lock:
            for service in self._services.values():
                service.close()
            self._services.clear()

    def reset(self) -> None:
        """Forget everything."""
        self.close()
        shutil.rmtree(self._data, ignore_errors=True)
