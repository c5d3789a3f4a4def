# SPDX-License-Identifier: MIT
"""An AWS embedded in the project: every part of the stack runs on this machine, without an account."""
