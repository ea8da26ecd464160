#!/usr/bin/python

# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zego_room
short_description: Close rooms
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Closes a list of rooms through the ZEGO server API (action CloseRoom), and reports changed or failed for each room.
  - All rooms are processed, whatever happens to one of them. If any failed, the task fails once, at the end, with the
    whole list kept.
extends_documentation_fragment:
  - zego.cloud.connection
  - zego.cloud.attributes
attributes:
  check_mode:
    support: full
    details:
      - Nothing is closed. The API is asked whether each room exists (action DescribeSimpleStreamList), which it answers
        once in 10 seconds for a room.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - A room that does not exist is closed already.
options:
  rooms:
    description:
      - The IDs of the rooms. Duplicates are processed once.
      - An ID has at most 128 bytes, and neither control characters nor white space at its ends.
      - An ID that no request can carry fails, and the other rooms are processed.
      - Quote IDs, since YAML reads C(0123) as the number 83, C(on) as a boolean and C(1.10) as the number 1.1. A whole
        number is taken as its digits, with a warning; what is no text is refused before anything is sent.
      - Text is read as JSON if it is the JSON text of a list, else it is cut at its commas.
    type: list
    elements: str
    required: true
    aliases: [room_ids, room_id]
  state:
    description: What the rooms are to be.
    type: str
    default: closed
    choices: [closed]
  reason:
    description: Why they are closed (CustomReason). At most 256 bytes.
    type: str
  room_close_callback:
    description:
      - Whether ZEGO posts its room close callback to your server (RoomCloseCallback). By default it does not for rooms
        that are closed through the API.
      - Callbacks about users and streams that leave the room are posted in any case.
    type: bool
    default: false
seealso:
  - module: zego.cloud.zego_stream_info
"""

EXAMPLES = r"""
- name: Close the rooms of the event
  zego.cloud.zego_room:
    rooms:
      - main-stage
      - backstage
    reason: The event is over
"""

RETURN = r"""
rooms:
  description: One entry for each room, in the order asked. What does not apply to a room is left out of its entry.
  returned: once the input is accepted
  type: list
  elements: dict
  contains:
    room_id:
      description: The room.
      type: str
      returned: always
      sample: main-stage
    outcome:
      description:
        - V(closed), V(already_closed), V(failed) or V(not_attempted).
        - A room that is gone after an attempt whose answer was lost is V(closed), since that attempt most likely closed
          it.
        - V(not_attempted) is one for which nothing was sent, since the run ended early. It counts as failed.
      type: str
      returned: always
      sample: closed
    changed:
      description: Whether the outcome is V(closed).
      type: bool
      returned: always
      sample: true
    failed:
      description: Whether the outcome is V(failed) or V(not_attempted).
      type: bool
      returned: always
      sample: false
    code:
      description: The API's code.
      type: str
      returned: where it is not 0
      sample: "104"
    message:
      description: What happened, what it means, and what to do.
      type: str
      returned: where there is something to say
      sample: "the API answered Code 104 (room does not exist). A room is destroyed once it is empty."
    request_id:
      description: ZEGO's RequestId.
      type: str
      returned: where a reply came
      sample: "5885338326725063742"
    attempts:
      description: How many requests were sent for the room.
      type: int
      returned: always
      sample: 1
summary:
  description: How many rooms there were, and how many of them changed, did not change, and failed.
  returned: once the input is accepted
  type: dict
  sample:
    total: 3
    changed: 2
    unchanged: 1
    failed: 0
api_requests:
  description: How many requests were sent to the API.
  returned: once the input is accepted
  type: int
  sample: 3
"""

from ansible_collections.zego.cloud.plugins.module_utils._tasks.room import main

if __name__ == "__main__":
    main()
