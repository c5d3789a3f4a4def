# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings from environment variables, under the recipe's names."""

from __future__ import annotations

import os
import re
from typing import Any

from ansible.inventory.host import Host
from ansible.plugins.vars import BaseVarsPlugin

DOCUMENTATION = """
name: environment
version_added: 0.1.0
short_description: Settings from environment variables
description:
  - Gives each host the settings exported under the recipe's names, such as E(MEMORY_STORE_RETENTION_HOURS).
  - They are host variables, so they beat every group_vars file and yield to C(-e).
  - E(ENVIRONMENT) is not among them. It never chooses the target; the preflight compares it with C(-e env).
options: {}
"""

SETTINGS = {
    "PROJECT_NAME": "project_name",
    "MEMORY_STORE_RETENTION_HOURS": "memory_store_retention_hours",
    "MAGNETIC_STORE_RETENTION_DAYS": "magnetic_store_retention_days",
    "LAMBDA_MEMORY_SIZE": "lambda_memory_size",
    "LAMBDA_TIMEOUT": "lambda_timeout",
    "DEBUG": "debug",
    "LOG_LEVEL": "log_level",
}
TEXTS = {"PROJECT_NAME", "LOG_LEVEL"}
BOOLEANS = {"true": True, "false": False}


def typed(text: str) -> Any:
    """The value of a variable: a boolean, a whole number written the common way, else the text as it is."""
    if text.lower() in BOOLEANS:
        return BOOLEANS[text.lower()]
    return int(text) if re.fullmatch(r"[1-9][0-9]*", text) else text


class VarsModule(BaseVarsPlugin):
    """The environment's settings as host variables."""

    REQUIRES_ENABLED = True

    def get_vars(self, loader: Any, path: str, entities: Any, cache: bool = True) -> dict[str, Any]:
        """The settings that are exported and not empty, for hosts; nothing for groups."""
        super().get_vars(loader, path, entities)
        hosts = entities if isinstance(entities, list) else [entities]
        if not any(isinstance(entity, Host) for entity in hosts):
            return {}
        exported = {name: os.environ.get(name, "") for name in SETTINGS}
        return {
            SETTINGS[name]: text if name in TEXTS else typed(text) for name, text in exported.items() if text
        }
