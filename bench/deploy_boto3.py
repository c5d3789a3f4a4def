# SPDX-License-Identifier: MIT
"""A stack by boto3 alone: makes the calls in a file that bench/recorder wrote, one after the other."""

import json
import os
import sys
from contextlib import nullcontext, suppress
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError


def deploy(calls: Path) -> None:
    """Make the calls; those that had been refused may be refused."""
    for call in map(json.loads, calls.read_text().splitlines()):
        parameters = {name: resolved(value) for name, value in call["parameters"].items()}
        with suppress(ClientError) if call["refused"] else nullcontext():
            getattr(client(call["service"]), xform_name(call["operation"]))(**parameters)


@cache
def client(service: str) -> Any:
    """A service's client, which all calls share."""
    return boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]


def resolved(value: Any) -> Any:
    """A parameter with the content of the files that it names."""
    if isinstance(value, dict):
        return {name: resolved(member) for name, member in value.items()}
    if isinstance(value, str) and value.startswith("fileb://"):
        return Path(value.removeprefix("fileb://")).read_bytes()
    return value


if __name__ == "__main__":
    deploy(Path(sys.argv[1]))
