# SPDX-License-Identifier: MIT
"""What tests share: an embedded AWS, one for each test worker that asks for it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import hypothesis
import pytest
from botocore.config import Config

from localaws import process, settings
from tests.playbooks import Playbooks

# No test is timed: machines are shared and noisy
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@dataclass(frozen=True)
class EmbeddedAws:
    """A running embedded AWS and how to call it."""

    instance: process.Instance
    environ: dict[str, str]
    state: Path

    @property
    def endpoint(self) -> str:
        return self.instance.endpoint

    @property
    def port(self) -> int:
        return self.instance.port

    def client(self, service: str) -> Any:
        """A boto3 client that does not retry, so that a test sees the first answer."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint,
            region_name=settings.REGION,
            aws_access_key_id=settings.CREDENTIALS,
            aws_secret_access_key=settings.CREDENTIALS,
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30, proxies={}),
        )

    def reset(self) -> None:
        """Empty every service."""
        self.instance.ask("POST", "/_ministack/reset")


@contextmanager
def embedded_aws(folder: Path) -> Iterator[EmbeddedAws]:
    """An embedded AWS on a free loopback port, with its state and an empty HOME in a folder."""
    (folder / "home").mkdir()
    state = folder / "state"
    instance = process.start(state, port=0)
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(folder / "home")}
    yield EmbeddedAws(instance, environ | settings.client_environment(instance.port), state)
    process.stop(state)


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """This worker's embedded AWS."""
    with embedded_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running


@dataclass(frozen=True)
class Stack:
    """A stack deployed to the embedded AWS by deploy.yml."""

    aws: EmbeddedAws
    playbooks: Playbooks

    @property
    def outputs(self) -> dict[str, Any]:
        """What the deploy says of it."""
        outputs: dict[str, Any] = json.loads(
            (self.playbooks.outputs_folder / "local-us-east-1.json").read_text()
        )
        return outputs


def local_playbooks(aws: EmbeddedAws, outputs_folder: Path) -> Playbooks:
    """The playbooks, with `local` being that embedded AWS."""
    environ = {"HOME": aws.environ["HOME"], "LOCALAWS_STATE": str(aws.state)}
    return Playbooks(environ, outputs_folder)


@pytest.fixture(scope="session")
def playbooks(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Playbooks:
    """The playbooks for this worker's embedded AWS."""
    return local_playbooks(aws, tmp_path_factory.mktemp("outputs"))


@pytest.fixture(scope="session")
def stack(aws: EmbeddedAws, playbooks: Playbooks) -> Stack:
    """A stack with the default settings, deployed once a worker."""
    playbooks.deploy()
    return Stack(aws, playbooks)
