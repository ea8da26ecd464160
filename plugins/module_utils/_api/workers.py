# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Threads that wait for answers: as many as are wanted, or as the machine gives."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable


class Workers:
    """At most ``wanted`` threads. ``capacity`` says how much work can be under way at once.

    Containers and ``ulimit -u`` limit threads. Where no further one starts, those that there are do the work; where
    there is none, the thread that submits does it.
    """

    def __init__(self, wanted: int) -> None:
        self.capacity = wanted
        self._executor = ThreadPoolExecutor(max_workers=wanted)
        self._has_threads = False

    def submit(self, work: Callable[[Any], Any], argument: Any, under_way: int) -> Future[Any]:
        """Do ``work(argument)``, now or soon; ``under_way``: how much was submitted, and is not done yet."""
        future: Future[Any] = Future()
        turn = threading.Lock()

        def run() -> None:
            # The executor keeps what it has no thread for: a later one must not do it a second time.
            if not turn.acquire(blocking=False):
                return
            try:
                future.set_result(work(argument))
            except BaseException as error:  # pylint: disable=broad-except
                future.set_exception(error)

        try:
            self._executor.submit(run)
            self._has_threads = True
        except RuntimeError:
            # "can't start new thread": the executor has queued it nevertheless.
            self.capacity = max(1, under_way)
            if not self._has_threads:
                run()
        return future

    def shutdown(self) -> None:
        """Wait for all work that is under way."""
        self._executor.shutdown()
