# SPDX-License-Identifier: GPL-3.0-or-later
"""Has AWS modules imported in the controller's main process, before the workers that run them are forked."""

from __future__ import annotations

from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import action_loader

DOCUMENTATION = """
name: aws_modules
type: aggregate
version_added: 0.1.0
short_description: Imports AWS modules before workers are forked
description:
  - Before each task, imports its AWS module for the action plugin C(normal), which runs it in a fork.
  - With E(FAST_AWS_MODULES=0) neither is done.
options: {}
"""


class CallbackModule(CallbackBase):
    """Tells the action plugin of each task that is about to start."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "aws_modules"

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """A task is about to be given to workers."""
        action_loader.get("ansible.legacy.normal", class_only=True).prepare(task.resolved_action)

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """So is a handler."""
        self.v2_playbook_on_task_start(task, is_conditional=False)
