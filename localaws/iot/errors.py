# SPDX-License-Identifier: MIT
"""What can go wrong with a rule: when it is made, when a message is read, when an action runs."""

from __future__ import annotations


class SqlParseError(Exception):
    """The rule cannot be made: its SQL or a template is malformed, or needs what its SQL version lacks.

    CreateTopicRule and ReplaceTopicRule answer with SqlParseException and this text.
    """


class UnsupportedSqlError(SqlParseError):
    """This engine can't make the rule: its SQL is well-formed, and AWS may know what is unknown here."""


class UnsupportedActionError(Exception):
    """The rule cannot be made: this AWS has no such action. Answered with InvalidRequestException."""


class MessageError(Exception):
    """The statement cannot be evaluated over this message, so that no action of the rule runs.

    AWS counts it in the metric ParseError and logs it; the error action does not run.
    """


class ActionError(Exception):
    """An action failed; its text becomes `errorMessage` in what the error action is sent."""
