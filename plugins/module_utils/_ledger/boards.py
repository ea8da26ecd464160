# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Opens the place where the runs that share a quota keep the numbers of its pace."""

from __future__ import annotations

import os
from typing import Callable

from ansible_collections.zego.cloud.plugins.module_utils._api.board import Board
from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import Login, file_path, is_server
from ansible_collections.zego.cloud.plugins.module_utils._ledger.ledger import SERVER_SECONDS


def open_board(login: Login, app_id: int, quota: str, warn: Callable[[str], None]) -> Board | None:
    """Return where the numbers of ``quota`` (any text that names it) are kept. ``login``: the ledger, or its server.

    None where that place cannot be used: then the pace only adapts to others.
    """
    ledger = login.address
    try:
        if is_server(ledger):
            from ansible_collections.zego.cloud.plugins.module_utils._ledger.redis_board import RedisBoard
            from ansible_collections.zego.cloud.plugins.module_utils._ledger.server import Server

            return RedisBoard(Server(login, SERVER_SECONDS), app_id, quota)
        from ansible_collections.zego.cloud.plugins.module_utils._ledger.file_board import FOLDER, FileBoard

        # Those who share a ledger share its folder. Without one, the runs of this user on this machine still do.
        # As it is: an absolute path would hide a ~ that stands for no home folder.
        return FileBoard(os.path.dirname(file_path(ledger)) if ledger else FOLDER, quota)
    except Exception as error:  # pylint: disable=broad-except
        # Of a file, nothing else than the ledger's own warning is worth a line.
        if is_server(ledger):
            warn(f"The pace is not shared with other runs: {error}. This run goes on by itself.")
        return None
