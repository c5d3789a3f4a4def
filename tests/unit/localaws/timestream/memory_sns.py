# SPDX-License-Identifier: MIT
"""An SNS in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.unit.localaws.timestream.memory_s3 import refusal


@dataclass
class MemorySns:
    """What was published, by topic. `failure` is what each call raises, if anything."""

    topics: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    failure: Exception | None = None

    def take(self, topic: str) -> list[Any]:
        """The messages since the last call, read."""
        messages, self.topics[topic] = self.topics[topic], []
        return [json.loads(each["Message"]) for each in messages]

    def publish(self, *, TopicArn: str, **message: Any) -> None:  # noqa: N803 - boto3's name
        if self.failure is not None:
            raise self.failure
        if TopicArn not in self.topics:
            raise refusal("NotFound")
        self.topics[TopicArn].append(message)
