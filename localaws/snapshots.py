# SPDX-License-Identifier: MIT
"""Files with what services keep in memory only, each written anew as a whole when it has changed.

Saving copies and encodes all of a service's state, in a thread beside the requests. So it waits for changes,
and then a while, and takes no more than a twentieth of the time. Between a change and its save a kill -9
loses it; an orderly stop saves.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

LEAST_PAUSE_SECONDS = 1
MOST_OF_THE_TIME = 1 / 20

States = Callable[[], Mapping[str, Callable[[], Any]]]


class Snapshots:
    """The files.

    :param folder: where they are, NAME.json for each service.
    :param states: what gives each service's state, by the service's name; None if it has none to save.
    :param encode: the text of a service's state.
    """

    def __init__(self, folder: Path, states: States, encode: Callable[[str, Any], str]) -> None:
        self._folder = folder
        self._states = states
        self._encode = encode
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._written: dict[str, int] = {}

    def changed(self) -> None:
        """Tell that something may have changed."""
        self._changed.set()

    def keep(self) -> None:
        """Save whenever something has changed, for good."""
        pause: float = LEAST_PAUSE_SECONDS
        while True:
            self._changed.wait()
            time.sleep(pause)
            began = time.perf_counter()
            self.save()
            pause = max(LEAST_PAUSE_SECONDS, (time.perf_counter() - began) / MOST_OF_THE_TIME)

    def save(self) -> None:
        """Write what has changed."""
        with self._lock:
            self._changed.clear()
            for name, state in self._states().items():
                try:
                    self._save(name, state())
                except Exception as error:  # such as a dictionary that changed size as it was copied
                    log.warning("the state of %s could not be saved, and will be later: %s", name, error)
                    self._changed.set()

    def forget(self) -> None:
        """Delete what was saved."""
        with self._lock:
            for file in self._folder.glob("*.json"):
                file.unlink()
            self._written.clear()

    def _save(self, name: str, state: Any) -> None:
        if state is None:
            return
        text = self._encode(name, state)
        if self._written.get(name) != hash(text):
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f"{name}.json.draft"
            draft.write_text(text)
            draft.replace(self._folder / f"{name}.json")
            self._written[name] = hash(text)
