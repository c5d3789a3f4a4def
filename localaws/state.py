# SPDX-License-Identifier: MIT
"""The state folder: what an embedded AWS keeps, and where.

server.json                     held while a server runs here; its process and port, the last one's after it
server.log  server.log.1        what it says, and said before; each no longer than a few MB
data/                           what `down` leaves and `up` finds again; `reset` empties it
    timestream/ACCOUNT-REGION/  one Timestream: complete at every moment, a kill -9 loses nothing
    cloudwatch/ACCOUNT-REGION/  one CloudWatch, likewise
    ministack/SERVICE.json      what a service of ministack's keeps in memory, as of its last save
    ministack/lambda-blobs/     the code of functions
    s3/ACCOUNT/BUCKET/KEY       objects, each written when it is put
    version.json                which ministack wrote this
scratch/                        HOME and temporary files of functions; emptied at each start
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

LOG_BYTES = 5_000_000
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """Paths in a state folder."""

    folder: Path

    @property
    def lock(self) -> Path:
        """What a running server holds."""
        return self.folder / "server.json"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "server.log"

    @property
    def data(self) -> Path:
        """What survives the server."""
        return self.folder / "data"

    @property
    def scratch(self) -> Path:
        """What doesn't."""
        return self.folder / "scratch"

    def empty_scratch(self) -> None:
        """Make the scratch folder anew."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def note_version(self, ministack: str) -> None:
        """Note which ministack the data is of from now on, and say so if it was another one's.

        It reads older states of its own, and says which newer ones it can't.
        """
        file = self.data / "version.json"
        before = json.loads(file.read_text())["ministack"] if file.exists() else ministack
        if before != ministack:
            log.warning("the state was written by ministack %s, and this is %s:", before, ministack)
            log.warning("what it can't read of it is named below, and a reset starts anew")
        self.data.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"ministack": ministack}))

    def bound_log(self) -> None:
        """Set a long log aside, in the place of the one before it.

        It is copied and cut: the server's output, and that of what it started, is open for appending to it.
        """
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)
