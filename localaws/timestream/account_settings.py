# SPDX-License-Identifier: MIT
"""DescribeAccountSettings and UpdateAccountSettings: how queries are paid for, and what may serve them.

In the one region that has provisioned capacity, an account has nothing else. A change of it is PENDING until
`work` carries it out. The capacity does not slow queries down here.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_UpdateAccountSettings.html,
.../tcu.html, .../provisioned-tcu.html and .../ts-limits.html
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localaws.documents import Documents
from localaws.errors import ValidationException
from localaws.timestream.windows import HOUR

KIND = "account settings"
NAME = "query"

PROVISIONED_REGION = "ap-south-1"
DEFAULT_TCU = 200
MOST_TCU = 1000
TCU_STEP = 4
NOTIFICATION = "NotificationConfiguration"

log = logging.getLogger(__name__)

Document = dict[str, Any]


class AccountSettings:
    """The settings of one account in one region.

    :param clock: tells the time in nanoseconds since 1970.
    :param client: a boto3 client of a service, by its name; SNS's is used to notify.
    """

    def __init__(
        self, region: str, documents: Documents, clock: Callable[[], int], client: Callable[[str], Any]
    ) -> None:
        self._mode = "PROVISIONED" if region == PROVISIONED_REGION else "ON_DEMAND"
        self._documents = documents
        self._clock = clock
        self._client = client
        self._lock = threading.Lock()
        self._kept: Document = {"MaxQueryTCU": DEFAULT_TCU, "Active": 0, **documents.all(KIND).get(NAME, {})}
        """MaxQueryTCU; of provisioned capacity Active, and, if it was ever changed, Target, Notification and
        Decreasable, the time from which on there may be less."""

    def describe_account_settings(self, _request: Document) -> Document:
        """DescribeAccountSettings."""
        with self._lock:
            return self._described()

    def update_account_settings(self, request: Document) -> Document:
        """UpdateAccountSettings. What it is asked for a second time it doesn't do again."""
        if request.get("QueryPricingModel") == "BYTES_SCANNED":
            raise ValidationException("The QueryPricingModel can't be changed to BYTES_SCANNED.")
        with self._lock:
            changed = {**self._kept}
            if (most := request.get("MaxQueryTCU")) is not None:
                changed["MaxQueryTCU"] = _capacity("MaxQueryTCU", most, least=TCU_STEP)
            if compute := request.get("QueryCompute"):
                changed |= self._provisioned(compute)
            self._keep(changed)
            return self._described()

    def work(self) -> None:
        """Carry out a change of the provisioned capacity."""
        with self._lock:
            if not self._pending():
                return
            self._keep({**self._kept, "Active": self._kept["Target"]})
            notification = self._kept.get("Notification")
            settings = self._described()
        if notification and "SnsConfiguration" in notification:
            self._notify(notification["SnsConfiguration"]["TopicArn"], settings)

    def _provisioned(self, compute: Document) -> Document:
        """What changes by a request's QueryCompute."""
        mode, capacity = compute.get("ComputeMode", self._mode), compute.get("ProvisionedCapacity")
        if mode != self._mode:
            raise ValidationException(f"The ComputeMode {mode} is not available in this region.")
        if capacity is None:
            return {}
        if mode != "PROVISIONED":
            raise ValidationException("A ProvisionedCapacity needs the ComputeMode PROVISIONED.")
        target = _capacity("TargetQueryTCU", capacity["TargetQueryTCU"], least=0)
        current, now = self._kept.get("Target", 0), self._clock()
        if target < current and now < self._kept["Decreasable"]:
            raise ValidationException("Provisioned TCUs can be decreased an hour after the last change only.")
        changes = {"Target": target, "Notification": capacity.get(NOTIFICATION)}
        if target != current:
            changes["Decreasable"] = now + HOUR
        return changes

    def _pending(self) -> bool:
        return bool(self._kept.get("Target", 0) != self._kept["Active"])

    def _described(self) -> Document:
        compute: Document = {"ComputeMode": self._mode}
        if self._mode == "PROVISIONED":
            compute["ProvisionedCapacity"] = capacity = {"ActiveQueryTCU": self._kept["Active"]}
            if self._kept.get("Notification"):
                capacity[NOTIFICATION] = self._kept["Notification"]
            if "Target" in self._kept:
                status = "PENDING" if self._pending() else "SUCCEEDED"
                capacity["LastUpdate"] = {"TargetQueryTCU": self._kept["Target"], "Status": status}
        return {
            "MaxQueryTCU": self._kept["MaxQueryTCU"],
            "QueryPricingModel": "COMPUTE_UNITS",
            "QueryCompute": compute,
        }

    def _keep(self, settings: Document) -> None:
        if settings != self._kept:
            self._kept = settings
            self._documents.put(KIND, NAME, settings)

    def _notify(self, topic: str, settings: Document) -> None:
        message = json.dumps({"type": "ACCOUNT_SETTINGS_UPDATE", **settings["QueryCompute"]})
        try:
            self._client("sns").publish(TopicArn=topic, Message=message)
        except (BotoCoreError, ClientError) as error:
            log.warning("The change of account settings can't be notified to %s: %s", topic, error)


def _capacity(name: str, units: int, least: int) -> int:
    if units % TCU_STEP or not least <= units <= MOST_TCU:
        raise ValidationException(f"{name} must be a multiple of {TCU_STEP} from {least} to {MOST_TCU}.")
    return units
