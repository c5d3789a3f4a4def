# SPDX-License-Identifier: MIT
"""Where the embedded AWS is put together: ministack serves every API but those that are ours.

This is the only module that imports ministack, and it changes it while it runs instead of copying from it.
Its version is pinned exactly, and a test names each symbol used here that is not public.
"""

from __future__ import annotations

from typing import Any

from ministack import app as ministack  # type: ignore[import-untyped]

application = ministack.app


def status() -> dict[str, Any]:
    """What the server says about itself."""
    return {"services": sorted(ministack.SERVICE_HANDLERS)}
