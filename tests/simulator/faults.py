# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Which fault fires when: the rules, their selectors and their counts."""

from __future__ import annotations

import random

from config import ScenarioError
from fault_kinds import KINDS, LISTED

SELECTORS = {
    "action": (str,),
    "vendor": (str,),
    "room": (str,),
    "stream": (str,),
    "streams": (list,),
    "request": (int,),
    "every": (int,),
    "probability": (int, float),
    "times": (int,),
    "after": (int,),
    "after_work": (bool,),
}
_TYPES = {
    "status": (int,),
    "code": (int, str),
    "message": (str,),
    "seconds": (int, float),
    "ms": (int, float),
    "key": (str,),
    "extra": (str,),
    "format": (str,),
    "body": (str,),
    "location": (str,),
    "content_type": (str,),
    "retry_after": (int, float, str),
}


class Rule:
    """One fault rule. Takes its JSON object; raises ScenarioError where that is wrong."""

    __slots__ = ("_select", "fired", "function", "kind", "seen", "source", "spec", "stage", "streams", "work")

    def __init__(self, source):
        _check(source)
        entry = KINDS[source["kind"]]
        self.kind = source["kind"]
        self.source = dict(source)
        self.spec = dict(entry.fields, **{key: value for key, value in source.items() if key in entry.fields})
        self.function = entry.function
        self.work = source.get("after_work", entry.work)
        self.stage = entry.stage
        # A reply that replaces a finished job's answer has to pass the gateway first.
        if entry.stage == "early" and self.work:
            self.stage = "late"
        names = ([source["stream"]] if "stream" in source else []) + source.get("streams", [])
        self.streams = frozenset(names) if names else None
        self._select = source.get
        self.seen = self.fired = 0

    def hits(self, request, rng, stream=None):
        """Whether the rule fires for this request (or this one stream of it). Counts."""
        if not self._selects(request, stream):
            return False
        times = self._select("times")
        if times is not None and self.fired >= times:
            return False
        self.seen += 1
        if self.seen <= self._select("after", 0):
            return False
        if rng.random() >= self._select("probability", 1):
            return False
        self.fired += 1
        return True

    def _selects(self, request, stream):
        pick = self._select
        if pick("action", request.action) != request.action or pick("vendor", request.vendor) != request.vendor:
            return False
        if pick("room", request.room) != request.room:
            return False
        if pick("request", request.number) != request.number or request.number % pick("every", 1):
            return False
        if self.streams is None:
            return True
        return stream in self.streams if stream is not None else not self.streams.isdisjoint(request.subjects)

    def report(self):
        """The rule as given, with how often it matched and fired."""
        return dict(self.source, seen=self.seen, fired=self.fired)


class EntryPlan:
    """What the entry faults make of one stream. `skip`: no work; `verdict`: the (code, message) it gets, or None."""

    __slots__ = ("_rules", "skip", "verdict")

    def __init__(self, rules):
        self._rules = rules
        self.skip = not all(rule.work for rule in rules)
        self.verdict = None
        for rule in rules:
            if rule.kind == "stream_code":
                self.verdict = (rule.spec["code"], rule.spec["message"])

    def change(self, rows):
        """Take the stream's rows, hand back what the faults leave of them."""
        for rule in self._rules:
            rows = rule.function(rule.spec, rows)
        return rows


class Faults:
    """All rules in force. Not thread-safe: the caller holds the world's lock."""

    def __init__(self, seed):
        self.rules = []
        self._rng = random.Random(seed)

    def seed(self, seed):
        """Start the dice anew."""
        self._rng = random.Random(seed)

    def add(self, sources):
        """Append a rule or a list of rules; all or, where one is wrong, none (ScenarioError)."""
        sources = sources if isinstance(sources, list) else [sources]
        self.rules = self.rules + [Rule(source) for source in sources]

    def clear(self):
        """Forget all rules."""
        self.rules = []

    def whole(self, stage, request, record):
        """The first rule of a stage (early, late) that fires for this request, or None."""
        for rule in self.rules:
            if rule.stage == stage and rule.hits(request, self._rng):
                record.add_fault(rule.kind)
                return rule
        return None

    def modifiers(self, request, record):
        """Every modifier that fires for this request."""
        return self._all("modifier", request, record, None)

    def for_entry(self, request, stream, record):
        """An EntryPlan for one stream, or None where no rule fires."""
        rules = self._all("entry", request, record, stream)
        return EntryPlan(rules) if rules else None

    def change_listed(self, request, stream, record, row):
        """Return the rows that the entry faults leave of a row, where nothing is done to its stream."""
        rows = [row]
        for rule in self.rules:
            if rule.kind in LISTED and rule.hits(request, self._rng, stream):
                record.add_fault(rule.kind)
                rows = rule.function(rule.spec, rows)
        return rows

    def unrequested_streams(self, request, record):
        """The unrequested streams that this reply is to contain."""
        streams = []
        for rule in self._all("extra", request, record, None):
            streams = rule.function(rule.spec, streams)
        return streams

    def _all(self, stage, request, record, stream):
        found = [rule for rule in self.rules if rule.stage == stage and rule.hits(request, self._rng, stream)]
        for rule in found:
            record.add_fault(rule.kind)
        return found


def _check(source):
    if not isinstance(source, dict):
        raise ScenarioError("a fault must be an object")
    entry = KINDS.get(source.get("kind")) if isinstance(source.get("kind"), str) else None
    if entry is None:
        raise ScenarioError(f"fault: unknown kind {source.get('kind')!r}")
    for key, value in source.items():
        if key != "kind":
            _check_key(source["kind"], entry, key, value)
    for key in entry.required:
        if key not in source and not (key == "streams" and "stream" in source):
            raise ScenarioError(f"fault {source['kind']}: {key} is required")
    if "after_work" in source and not entry.movable:
        raise ScenarioError(f"fault {source['kind']}: after_work is fixed for this kind")


def _check_key(name, entry, key, value):
    if key not in SELECTORS and key not in entry.fields:
        raise ScenarioError(f"fault {name}: unknown key {key!r}")
    types = SELECTORS.get(key) or _TYPES.get(key)
    if types is None:
        return
    wrong_flag = isinstance(value, bool) and bool not in types
    if wrong_flag or not isinstance(value, types):
        raise ScenarioError(f"fault {name}: {key} has the wrong type")
    if key == "streams" and not (value and all(isinstance(item, str) for item in value)):
        raise ScenarioError(f"fault {name}: streams must be a list of stream IDs")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and key != "code":
        _check_range(name, key, value)


def _check_range(name, key, value):
    lowest = 1 if key in ("every", "request") else 0
    if value < lowest or (key == "status" and not 200 <= value <= 599) or (key == "probability" and value > 1):
        raise ScenarioError(f"fault {name}: {key} is out of range")
