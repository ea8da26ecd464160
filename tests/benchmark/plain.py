# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The floor of the benchmark: what somebody would write with nothing but requests.

Stops the streams named on standard input, twenty a request. It keeps to the quota, has several requests in flight over
one session, and waits a second where it was too fast after all: no other retries, no verdict a stream, no memory.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import os
import secrets
import sys
import time

import requests

APP_ID, SECRET, URL = os.environ["ZEGO_APP_ID"], os.environ["ZEGO_SERVER_SECRET"], os.environ["ZEGO_API_URL"]
BATCH = 20
SPACING = 1.05 / 20


def stop(session, streams):
    """Send one request, again where it was too frequent; end the program where the API refuses it for anything else."""
    nonce, now = secrets.token_hex(8), str(int(time.time()))
    signature = hashlib.md5((APP_ID + nonce + SECRET + now).encode(), usedforsecurity=False).hexdigest()
    query = [
        ("Action", "StopCDNRecord"),
        ("AppId", APP_ID),
        ("SignatureNonce", nonce),
        ("Timestamp", now),
        ("Signature", signature),
    ]
    query += [("SignatureVersion", "2.0"), ("Vendor", "Tencent")] + [("StreamId[]", stream) for stream in streams]
    reply = session.get(URL, params=query, timeout=10).json()
    if reply["Code"] == 6:
        time.sleep(1)
        return stop(session, streams)
    assert reply["Code"] == 0, reply["Code"]
    return None


def main():
    """Send all batches, evenly spaced."""
    streams = sys.stdin.read().split()
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=32))
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        sent, began = [], time.monotonic()
        for number, start in enumerate(range(0, len(streams), BATCH)):
            time.sleep(max(0.0, began + number * SPACING - time.monotonic()))
            sent.append(pool.submit(stop, session, streams[start : start + BATCH]))
        for future in sent:
            future.result()


if __name__ == "__main__":
    main()
