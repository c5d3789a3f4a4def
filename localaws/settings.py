# SPDX-License-Identifier: MIT
"""Where the embedded AWS is, and as whom its clients come.

Nothing here is a secret, and nothing here can reach a real account: the address is this machine's own.
"""

from __future__ import annotations

import os

HOST = "127.0.0.1"
PORT = 4566
REGION = "us-east-1"
ACCOUNT = "000000000000"
CREDENTIALS = "test"
RATES = ("unlimited", "aws")
"""How many API requests a second are answered: as many as come, unless AWS's own rates are asked for."""


def endpoint(port: int) -> str:
    """The URL that clients call."""
    return f"http://{HOST}:{port}"


def client_environment(port: int) -> dict[str, str]:
    """What an AWS SDK, the AWS CLI or Ansible need in their environment to call the embedded AWS."""
    return {
        "AWS_ENDPOINT_URL": endpoint(port),
        "AWS_ACCESS_KEY_ID": CREDENTIALS,
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "no_proxy": no_proxy(),
    }


def no_proxy() -> str:
    """The caller's own list of hosts that need no proxy, and ours."""
    listed = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return ",".join(dict.fromkeys([*filter(None, listed.split(",")), HOST]))


FOREIGN_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
"""Variables that would mix a real account's identity into the above, and so must not be set beside it."""
