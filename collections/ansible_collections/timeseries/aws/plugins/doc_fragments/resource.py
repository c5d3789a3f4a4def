# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation that every module of a resource shares."""

from __future__ import annotations


class ModuleDocFragment:
    """The `state` option and what the modules support."""

    DOCUMENTATION = r"""
options:
  state:
    description: Whether the resource should exist.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: Predicts exactly what a real run would do, and returns what it would return.
    support: full
  diff_mode:
    description: Returns the resource before and after.
    support: full
"""
