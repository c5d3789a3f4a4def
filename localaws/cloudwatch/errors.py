# SPDX-License-Identifier: MIT
"""The errors that CloudWatch answers with, by their names in its service model.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html
"""

# ruff: noqa: D101, N818 - the names are AWS's
from __future__ import annotations

from localaws.errors import AwsError


class ValidationError(AwsError):
    """The request is malformed or breaks a rule."""


class InvalidParameterValueException(AwsError):
    pass


class InvalidParameterCombinationException(AwsError):
    pass


class MissingRequiredParameterException(AwsError):
    pass


class InvalidNextToken(AwsError):
    pass


class InvalidFormatFault(AwsError):
    pass


class LimitExceededFault(AwsError):
    pass


class ResourceNotFound(AwsError):
    pass


class ResourceNotFoundException(AwsError):
    pass


class DashboardNotFoundError(AwsError):
    pass


class DashboardInvalidInputError(AwsError):
    pass
