# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Which streams are relayed where, and the last Sequence of each stream."""

from __future__ import annotations


class Relay:
    """One relay of a stream to an address. `deleted_by`: the numbers of the requests that ended it while it ran."""

    __slots__ = ("deleted_by", "running")

    def __init__(self):
        self.running = False
        self.deleted_by = []


class Relays:
    """All relays. Not thread-safe: the caller holds the world's lock."""

    def __init__(self):
        self._streams = {}
        self._sequences = {}

    def preset(self, stream, urls):
        """Let a stream be relayed to these addresses, beside those it is relayed to already."""
        relays = self._streams.setdefault(stream, {})
        for url in urls:
            relays.setdefault(url, Relay()).running = True

    def advance(self, stream, sequence):
        """Use up a Sequence. Returns whether it is higher than all before it of this stream."""
        if sequence <= self._sequences.get(stream, -1):
            return False
        self._sequences[stream] = sequence
        return True

    def delete(self, stream, url, number):
        """End a relay, on behalf of the request of that number. Returns whether there was one.

        An address is found whatever its parameters are."""
        running = [
            relay
            for address, relay in self._streams.get(stream, {}).items()
            if relay.running and _bare(address) == _bare(url)
        ]
        for relay in running:
            relay.running = False
            relay.deleted_by.append(number)
        return bool(running)

    def report(self):
        """All streams that have or had relays, or that used a Sequence, as an object for the control path."""
        names = list(self._streams) + [name for name in self._sequences if name not in self._streams]
        result = {}
        for name in names:
            urls = {}
            for url, relay in self._streams.get(name, {}).items():
                urls[url] = {"running": relay.running, "deleted_by": list(relay.deleted_by)}
            result[name] = {"sequence": self._sequences.get(name), "urls": urls}
        return result


def _bare(url):
    """An address without its parameters."""
    return url.partition("?")[0]
