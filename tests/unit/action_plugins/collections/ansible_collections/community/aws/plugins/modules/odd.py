# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that does what AWS modules do when they misbehave, and tells of the process it runs in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: odd
short_description: Misbehaves
options:
  does: {type: str, default: nothing, description: How it misbehaves.}
  count: {type: int, description: A number.}
  token: {type: str, description: A secret.}
  variable: {type: str, description: An environment variable to report.}
"""

IMPORTER = os.getpid()
ARGUMENTS = {
    "does": {"default": "nothing"},
    "count": {"type": "int"},
    "token": {"no_log": True},
    "variable": {},
}


def misbehave(module: AnsibleModule, how: str) -> None:
    """Do something that the controller has to make the best of."""
    if how == "warn":
        module.warn("This is odd")
        module.deprecate("Oddness is deprecated", version="9.0.0", collection_name="community.aws")
        module.deprecate("So is being odd", version="9.0.0")
    elif how == "fail":
        module.fail_json(msg=f"Failed with {module.params['token']}", code="Odd")
    elif how == "crash":
        raise ValueError("odd")
    elif how == "return":
        sys.stdout.write("no JSON\n")
        sys.stderr.write("nothing of use\n")
    elif how == "print":
        sys.stdout.write("noise before\n")
        os.write(1, b"noise \xff below Python\n")
        sys.stderr.write("noise on stderr\n")
    elif how == "exit":
        sys.exit("without a word")
    elif how == "die":
        os.kill(os.getpid(), 9)
    elif how == "leave a file":
        Path(module.tmpdir, "left").touch()


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    misbehave(module, module.params["does"])
    if module.params["does"] != "return":
        module.exit_json(
            changed=module.check_mode,
            process="interpreter" if os.getpid() == IMPORTER else "fork",
            folder=str(Path.cwd()),
            variable=os.environ.get(module.params["variable"] or ""),
            stdout="one\ntwo",
            results="kept under another name",
            template="{{ lookup('pipe', 'false') }}",
        )


if __name__ == "__main__":
    main()
