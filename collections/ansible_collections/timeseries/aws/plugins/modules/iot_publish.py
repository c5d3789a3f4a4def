#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: iot_publish
version_added: 0.1.0
short_description: Publishes a message to an AWS IoT topic
description:
  - Publishes one message through the account's IoT data endpoint.
author: ["The timeseries-ansible authors (@timeseries-ansible)"]
options:
  topic:
    description: The topic, without wildcards.
    type: str
    required: true
  payload:
    description: The message, sent as JSON.
    type: dict
    required: true
  qos:
    description: The MQTT quality of service. 1 is at least once.
    type: int
    choices: [0, 1]
    default: 1
attributes:
  check_mode:
    description: Publishes nothing and reports a change.
    support: full
  diff_mode:
    description: Has nothing to compare.
    support: none
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Publish a reading
  timeseries.aws.iot_publish:
    topic: topic/sensors
    payload:
      device_id: sensor-1
      location: plant-1
      temperature: 21.5
"""

RETURN = r"""
topic:
  description: Where it was published.
  type: str
  returned: success
  sample: topic/sensors
"""

import json
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.timeseries.aws.plugins.module_utils.resource import error_handler, retrying_client

IotErrors = error_handler("ResourceNotFoundException")


@IotErrors.common_error_handler("find the account's IoT data endpoint")
def data_endpoint(client: Any) -> str:
    """Host of the account's own data endpoint, signed by a public authority.

    https://docs.aws.amazon.com/iot/latest/developerguide/iot-connect-devices.html
    """
    answer = client.describe_endpoint(endpointType="iot:Data-ATS", aws_retry=True)
    return str(answer["endpointAddress"])


@IotErrors.common_error_handler("publish the message")
def publish(client: Any, topic: str, payload: dict[str, Any], qos: int) -> None:
    """Send it once more if throttled."""
    client.publish(topic=topic, payload=json.dumps(payload).encode(), qos=qos, aws_retry=True)


def data_client(module: AnsibleAWSModule) -> Any:
    """A client for messages: the endpoint that was set, else the account's own."""
    if not module.params["endpoint_url"]:
        module.params["endpoint_url"] = f"https://{data_endpoint(retrying_client(module, 'iot'))}"
    return retrying_client(module, "iot-data")


def main() -> None:
    """Publish the message."""
    module = AnsibleAWSModule(
        argument_spec={
            "topic": {"required": True},
            "payload": {"type": "dict", "required": True},
            "qos": {"type": "int", "choices": [0, 1], "default": 1},
        },
        supports_check_mode=True,
    )
    topic = module.params["topic"]
    try:
        if not module.check_mode:
            publish(data_client(module), topic, module.params["payload"], module.params["qos"])
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    module.exit_json(changed=True, topic=topic)


if __name__ == "__main__":
    main()
