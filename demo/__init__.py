# SPDX-License-Identifier: MIT
"""The demo: readings sent to a deployed stack by every route, and what the stack makes of them."""
