# SPDX-License-Identifier: MIT
"""An embedded AWS of one's own, for as long as a test or a script needs it.

with embedded_aws(folder) as aws:
    aws.client("timestream-write").list_databases()
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localaws import process, settings

if TYPE_CHECKING:
    import boto3


NOBODYS_CONFIGURATION = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""Has botocore read neither AWS_PROFILE nor anyone's files: name in a file, in the environment, default."""


@dataclass(frozen=True)
class EmbeddedAws:
    """A running embedded AWS.

    :ivar environ: a whole environment for programs that are to call it; its HOME is empty.
    :ivar state: its state folder.
    """

    port: int
    environ: dict[str, str]
    state: Path

    @property
    def endpoint(self) -> str:
        """The URL that clients call."""
        return settings.endpoint(self.port)

    @property
    def instance(self) -> process.Instance:
        """The server's process; ServerError if it has ended."""
        instance = process.find(self.state)
        if instance is None:
            raise process.ServerError(f"the embedded AWS at {self.endpoint} is not up")
        return instance

    def session(self, account: str = settings.CREDENTIALS, region: str = settings.REGION) -> boto3.Session:
        """A boto3 session of an account (12 digits) or the default one; its clients need `endpoint_url`."""
        import boto3
        import botocore.session

        untouched = botocore.session.Session(session_vars=NOBODYS_CONFIGURATION)
        return boto3.Session(account, settings.CREDENTIALS, region_name=region, botocore_session=untouched)

    def client(self, service: str, **config: Any) -> Any:
        """A boto3 client that does not retry, so that a test sees the first answer.

        :param config: what differs from that in the client's `botocore.config.Config`.
        """
        from botocore.config import Config

        once = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30, proxies={})
        return self.session().client(  # type: ignore[call-overload]
            service, endpoint_url=self.endpoint, config=once.merge(Config(**config))
        )

    def reset(self) -> None:
        """Empty every service."""
        self.instance.ask("POST", "/_ministack/reset")

    def forward(self, seconds: float) -> None:
        """Move the clock of Timestream and CloudWatch on; what comes due is done on return."""
        self.instance.ask("POST", "/_localaws/clock", forward_seconds=seconds)

    def throttle(self, operation: str, calls: int) -> None:
        """Throttle the next calls of a Timestream operation."""
        self.instance.ask("POST", "/_localaws/throttle", operation=operation, calls=calls)

    def restart(self) -> None:
        """Stop the server in an orderly way, and start it again where it was."""
        process.stop(self.state)
        process.start(self.state, self.port)

    def kill(self) -> None:
        """End the server as `kill -9` does, and start it again where it was."""
        os.kill(self.instance.pid, signal.SIGKILL)
        while process.find(self.state):
            time.sleep(0.01)
        process.start(self.state, self.port)


@contextmanager
def embedded_aws(folder: Path, rates: str = settings.RATES[0]) -> Iterator[EmbeddedAws]:
    """An embedded AWS on a free loopback port, with its state and an empty HOME in a folder.

    :param rates: how many requests a second it answers, one of `settings.RATES`.
    """
    home, state = folder / "home", folder / "state"
    home.mkdir(parents=True)
    try:
        instance = process.start(state, port=0, rates=rates)
        environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(home)}
        yield EmbeddedAws(instance.port, environ | settings.client_environment(instance.port), state)
    finally:
        process.stop(state)
