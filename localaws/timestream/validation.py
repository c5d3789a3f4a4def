# SPDX-License-Identifier: MIT
"""Checks a request against Timestream's own models, botocore's `timestream-write` and `timestream-query`.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_Reference.html
"""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from localaws.constraints import Check, check_for, sentence
from localaws.errors import UnknownOperationException, ValidationException

MODELS = ("timestream-write", "timestream-query")


def validate(operation: str, request: dict[str, Any]) -> None:
    """Refuse a request that the operation's model does not allow.

    :raises UnknownOperationException: neither Timestream API has the operation.
    :raises SerializationException: a value has another JSON type than the model's.
    :raises ValidationException: values fail constraints; the message lists each.
    """
    faults = list(_operation(operation)(request))
    if faults:
        raise ValidationException(sentence(faults))


@cache
def models() -> tuple[ServiceModel, ...]:
    """Both service models; where they share an operation the first one's is used."""
    loader = Loader()
    return tuple(ServiceModel(loader.load_service_model(name, "service-2"), name) for name in MODELS)


@cache
def _operation(name: str) -> Check:
    for model in models():
        if name in model.operation_names:
            return check_for(model.operation_model(name).input_shape)
    raise UnknownOperationException(f"Timestream has no operation {name}.")
