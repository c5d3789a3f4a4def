#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: lambda_package
version_added: 0.1.0
short_description: Zips a Lambda function's source reproducibly
description:
  - Writes the deployment package of a function from a folder of source.
  - The same source gives the same bytes on every machine and day, so an unchanged function is never uploaded
    again. Names are sorted, times, owners and permissions fixed, byte code, caches and hidden files left out.
  - The package is a build product of this machine and no resource, so writing it is done in check mode too
    and is not reported as a change.
author: ["The timeseries-ansible authors (@timeseries-ansible)"]
options:
  source:
    description: Folder whose content becomes the root of the package.
    type: path
    required: true
  path:
    description: File to write. Its folder is made if need be.
    type: path
    required: true
attributes:
  check_mode:
    description: Writes the package in check mode as well, for the upload is predicted from it.
    support: full
  diff_mode:
    description: Has nothing to compare.
    support: none
"""

EXAMPLES = r"""
- name: Build the ingest function's package
  timeseries.aws.lambda_package:
    source: files/lambda
    path: build/ingest.zip
"""

RETURN = r"""
path:
  description: The package.
  type: str
  returned: success
  sample: build/ingest.zip
files:
  description: What is in it, in order.
  type: list
  elements: str
  returned: success
  sample: [ingest/__init__.py, ingest/handler.py]
sha256:
  description: Checksum of the package in base64, as Lambda's CodeSha256.
  type: str
  returned: success
  sample: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
"""

import base64
import hashlib
import io
import os
import zipfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that zip can say
READABLE_FILE = 0o100644 << 16


def is_source(path: Path) -> bool:
    """Whether a file, named from the source's root, belongs into the package."""
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and "__pycache__" not in path.parts and path.suffix != ".pyc"


def source_files(source: Path) -> list[Path]:
    """The files to package, sorted, named from the source's root."""
    files = (path.relative_to(source) for path in source.rglob("*") if path.is_file())
    return sorted(filter(is_source, files), key=lambda path: path.as_posix())


def package(source: Path, files: list[Path]) -> bytes:
    """The bytes of the zip; stored, not deflated, since deflate's output differs between zlib versions."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.as_posix(), EPOCH)
            entry.create_system, entry.external_attr = 3, READABLE_FILE
            archive.writestr(entry, (source / path).read_bytes())
    return buffer.getvalue()


def write(module: AnsibleModule, path: Path, content: bytes) -> None:
    """Replace a file in one step, so that nobody ever reads half a package."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(module.tmpdir) / path.name
    partial.write_bytes(content)
    module.atomic_move(os.fspath(partial), os.fspath(path))


def main() -> None:
    """Write the package and say what is in it."""
    module = AnsibleModule(
        argument_spec={
            "source": {"type": "path", "required": True},
            "path": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    source, path = Path(module.params["source"]), Path(module.params["path"])
    files = source_files(source)
    if not files:
        module.fail_json(msg=f"source={source} has no files to package")
    content = package(source, files)
    if not path.is_file() or path.read_bytes() != content:
        write(module, path, content)
    module.exit_json(
        changed=False,
        path=os.fspath(path),
        files=[file.as_posix() for file in files],
        sha256=base64.b64encode(hashlib.sha256(content).digest()).decode(),
    )


if __name__ == "__main__":
    main()
