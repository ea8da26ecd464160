# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One pipeline of a measurement: loads what a module loads, says so, waits for the word, and stops its streams.

``python pipeline.py COLLECTIONS ARGUMENTS``: the folder with ansible_collections, and a file with the arguments of
zego_cdn_record as Ansible writes it. Started together, sixteen Pythons would begin seconds apart.
"""

from __future__ import annotations

import runpy
import sys

MODULE = "ansible_collections.zego.cloud.plugins.modules.zego_cdn_record"


def main():
    """Load, wait, run."""
    collections, arguments = sys.argv[1:]
    sys.path.insert(0, collections)
    from ansible.module_utils import basic

    from ansible_collections.zego.cloud.plugins.module_utils import _module
    from ansible_collections.zego.cloud.plugins.module_utils._api import transport
    from ansible_collections.zego.cloud.plugins.module_utils._ledger import file_board, redis_store
    from ansible_collections.zego.cloud.plugins.module_utils._recording import job

    assert _module and transport.requests and file_board and redis_store and job
    basic._ANSIBLE_PROFILE = "legacy"
    sys.argv = ["zego_cdn_record", arguments]
    print("ready", flush=True)
    sys.stdin.readline()
    runpy.run_module(MODULE, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
