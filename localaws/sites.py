# SPDX-License-Identifier: MIT
"""Services apart by account and region: each is made when it is first asked for, or was there before.

DATA/ACCOUNT-REGION/    what the service of one account and region keeps
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, Protocol, TypeVar

log = logging.getLogger(__name__)


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
        for folder in sorted(data.glob("*-*")):
            account, _, region = folder.name.partition("-")
            self.at(account, region)

    def __iter__(self) -> Iterator[tuple[str, str, S]]:
        """Each service with its account and region, in their order."""
        for (account, region), service in sorted(self._services.items()):
            yield account, region, service

    def at(self, account: str, region: str) -> S:
        """The service of an account in a region."""
        key = account, region
        with self._lock:
            if key not in self._services:
                self._services[key] = self._make(account, region, self._data / f"{account}-{region}")
            return self._services[key]

    def work(self) -> None:
        """Let each do what is due; one that fails holds up no other."""
        for account, region, service in list(self):
            try:
                service.work()
            except Exception:
                log.exception("what was due failed in account %s, region %s", account, region)

    def close(self) -> None:
        """Let go of all state, which stays in the folder."""
        with self._lock:
            self._close()

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._close()
            shutil.rmtree(self._data, ignore_errors=True)

    def _close(self) -> None:
        for service in self._services.values():
            service.close()
        self._services.clear()
