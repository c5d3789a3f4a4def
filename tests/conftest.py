# SPDX-License-Identifier: MIT
"""What tests share: an embedded AWS, one for each test worker that asks for it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from localaws.embedded import EmbeddedAws
from tests.playbooks import Playbooks

pytest_plugins = ["localaws.pytest_plugin"]

# No test is timed: machines are shared and noisy
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def aws(localaws: EmbeddedAws) -> EmbeddedAws:
    """This worker's embedded AWS."""
    return localaws


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
