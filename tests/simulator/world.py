# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""One run of the simulated API: its clock, its settings, its state. A reset makes a new one."""

from __future__ import annotations

import threading
import time
from collections import namedtuple

from actions import ACTIONS
from callbacks import Callbacks
from config import Settings
from faults import Faults
from files import Files
from gateway import Gateway
from journal import Journal
from recordings import Recordings
from relays import Relays
from rooms import Rooms
from scenario import check_scenario

Stamp = namedtuple("Stamp", "wall at number")


class Clock:
    """The simulated server's idea of the time."""

    def __init__(self, settings):
        self._settings = settings

    def now(self):
        """Unix seconds, skewed as the settings say."""
        return time.time() + self._settings["clock_skew_seconds"]


class World:
    """Everything behind the socket. Takes the program's own settings and a scenario; raises ScenarioError.

    Whoever touches its parts holds `lock`: the record of what was done has to be exact."""

    def __init__(self, base, scenario=None):
        scenario = check_scenario(scenario)
        self.lock = threading.Lock()
        self.settings = Settings(base, scenario["config"])
        self.clock = Clock(self.settings)
        self.files = Files(self.settings, self.clock)
        self.recordings = Recordings(self.settings, self.clock, self.files)
        self.rooms = Rooms(self.settings, self.clock)
        self.relays = Relays()
        self.callbacks = Callbacks(self.settings, self.clock, self._settle)
        self.gateway = Gateway(self.settings, self.clock, ACTIONS)
        self.journal = Journal(ACTIONS, self.settings["log_limit"])
        self.faults = Faults(self.settings["seed"])
        self.faults.add(scenario["faults"])
        self.replies = 0
        self.preset(scenario["recordings"])
        # What a scenario begins with has been told before; a file that is still to come has not.
        self.rooms.set(scenario["rooms"])
        self.files.on_pending = self.callbacks.file_pending
        self.preset_relays(scenario["relays"])
        self.preset_files(scenario["files"])
        self.files.on_ready = self.callbacks.file_ready

    def stamp(self):
        """The present moment, for what no request caused."""
        return Stamp(time.time(), time.monotonic(), None)

    def preset(self, recordings):
        """Let streams be recording: {vendor: [stream, …]}."""
        stamp = self.stamp()
        for vendor, streams in recordings.items():
            for stream in streams:
                self.recordings.preset(vendor, stream, stamp)

    def preset_rooms(self, rooms):
        """Let rooms have these streams and no others: {room: [stream, …]}."""
        for room in rooms:
            before = self.rooms.stream_ids(room)
            self.rooms.set({room: rooms[room]})
            self.callbacks.room_changed(room, before, self.rooms.stream_ids(room))

    def preset_relays(self, relays):
        """Let streams be relayed: {stream: [url, …]}."""
        for stream, urls in relays.items():
            self.relays.preset(stream, urls)

    def preset_files(self, files):
        """Let files be there: {vendor: [stream or object, …]}. Raises ScenarioError and adds none if one is there."""
        self.files.preset(files, self.stamp())

    def stop(self):
        """Cause nothing any more: another world takes its place."""
        self.callbacks.stop()

    def _settle(self):
        with self.lock:
            self.files.settle(time.monotonic())

    def configure(self, override):
        """Merge settings. Raises ScenarioError and changes nothing where one is wrong."""
        self.settings.update(override)
        self.journal.limit(self.settings["log_limit"])
        if "seed" in override:
            self.faults.seed(override["seed"])
