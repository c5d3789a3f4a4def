# SPDX-License-Identifier: MIT
"""Writes down the calls of AWS that a Python program makes that has this on its PYTHONPATH.

CALLS is the file; its lines are JSON. What is bytes, as a function's code is, goes to a file beside it and
stands there as `fileb://PATH`, the AWS CLI's way to name one.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

CALLS = Path(os.environ["CALLS"])
make_api_call = BaseClient._make_api_call  # type: ignore[attr-defined]


def recorded(client: BaseClient, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Make a call as botocore does, and write it down."""
    call = {"service": client.meta.service_model.service_name, "operation": operation, "refused": False}
    try:
        answer: dict[str, Any] = make_api_call(client, operation, parameters)
    except ClientError:
        write(call | {"parameters": parameters, "refused": True})
        raise
    write(call | {"parameters": parameters})
    return answer


def write(call: dict[str, Any]) -> None:
    """Add a call; Ansible makes some of them at the same time."""
    with CALLS.open("a") as calls:
        fcntl.flock(calls, fcntl.LOCK_EX)
        content = CALLS.with_suffix(f".{calls.tell()}")
        calls.write(json.dumps(call, default=lambda data: content.write_bytes(data) and f"fileb://{content}"))
        calls.write("\n")


BaseClient._make_api_call = recorded  # type: ignore[attr-defined]
