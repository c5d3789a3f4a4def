# SPDX-License-Identifier: MIT
"""The errors an embedded service answers with, in AWS's own terms.

    AwsError                          any error with a code, a message and an HTTP status
    ├── ValidationException           the request is malformed or breaks a limit
    ├── ConflictException             it exists already, or is not empty
    ├── ResourceNotFoundException     what it names does not exist
    ├── ServiceQuotaExceededException one more would be over a quota
    ├── QueryExecutionException       a query could not be run to its end
    ├── RejectedRecordsException      some records of a write were not stored (WriteRecords)
    ├── ThrottlingException           more requests a second than the quotas allow
    ├── SerializationException        the request's JSON has another type than the model
    └── UnknownOperationException     the service has no such operation

Source: the `errors` sections of the Timestream API reference,
https://docs.aws.amazon.com/timestream/latest/developerguide/API_Operations.html
"""

# ruff: noqa: D101, N818 - the names are AWS's and the list above says what each is for
from __future__ import annotations

from typing import Any


class AwsError(Exception):
    """An error as a client sees it.

    :ivar code: the exception's name in the service model, the `__type` of the answer.
    :ivar message: what the client prints.
    :ivar fields: further members of the answer, such as `RejectedRecords`.
    """

    status = 400

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields

    @property
    def code(self) -> str:
        """The exception's name in the service model."""
        return type(self).__name__


class ValidationException(AwsError):
    pass


class ConflictException(AwsError):
    pass


class ResourceNotFoundException(AwsError):
    pass


class ServiceQuotaExceededException(AwsError):
    pass


class QueryExecutionException(AwsError):
    pass


class RejectedRecordsException(AwsError):
    status = 419


class ThrottlingException(AwsError):
    # Status and wording as seen on AWS: https://github.com/cognitect-labs/aws-api/issues/197
    status = 429

    def __init__(self) -> None:
        super().__init__("Request rate limit exceeded")


class SerializationException(AwsError):
    pass


class UnknownOperationException(AwsError):
    pass
