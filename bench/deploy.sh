#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A stack by the AWS CLI: $1 has a line for each call, with the arguments of `aws`.
set -euo pipefail

while read -ra arguments; do
  aws --endpoint-url "$AWS_ENDPOINT_URL" "${arguments[@]}" </dev/null >/dev/null
done <"$1"
