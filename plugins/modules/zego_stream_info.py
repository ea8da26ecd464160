#!/usr/bin/python

# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zego_stream_info
short_description: List the streams in rooms
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Asks the ZEGO server API which streams are being published in a list of rooms (action DescribeSimpleStreamList).
  - A room that does not exist is no failure, since ZEGO destroys a room once it is empty. RV(rooms[].exists) tells the
    two apart.
  - All rooms are asked, whatever happens to one of them. If any failed, the task fails once, at the end, with
    everything found kept.
extends_documentation_fragment:
  - zego.cloud.connection
  - zego.cloud.attributes
  - zego.cloud.attributes.info_module
options:
  rooms:
    description:
      - The IDs of the rooms. Duplicates are asked for once.
      - An ID has at most 128 bytes, and neither control characters nor white space at its ends.
      - An ID that no request can carry fails, and the other rooms are processed.
      - Quote IDs, since YAML reads C(0123) as the number 83, C(on) as a boolean and C(1.10) as the number 1.1. A whole
        number is taken as its digits, with a warning; what is no text is refused before anything is sent.
      - Text is read as JSON if it is the JSON text of a list, else it is cut at its commas.
    type: list
    elements: str
    required: true
    aliases: [room_ids, room_id]
  requests_per_second:
    default: 50
notes:
  - The API answers for the same room once in 10 seconds. The module waits for that where it has to ask again, or where
    somebody asked just before. O(rate_limit_timeout) bounds the wait.
seealso:
  - module: zego.cloud.zego_cdn_record
  - module: zego.cloud.zego_room
"""

EXAMPLES = r"""
- name: Find out which streams are on air
  zego.cloud.zego_stream_info:
    rooms:
      - main-stage
      - backstage
  register: on_air

- name: Stop their recordings
  zego.cloud.zego_cdn_record:
    vendor: Tencent
    streams: "{{ on_air.streams | map(attribute='stream_id') }}"
  when: on_air.streams | length > 0
"""

RETURN = r"""
streams:
  description: The streams found, in the order of the rooms. What the API does not tell of a stream is left out of its
    entry.
  returned: once the input is accepted
  type: list
  elements: dict
  contains:
    stream_id:
      description: The stream.
      type: str
      returned: always
      sample: stage-1
    room_id:
      description: The room in which it is published.
      type: str
      returned: always
      sample: main-stage
    user_id:
      description: Who publishes it.
      type: str
      returned: where the API tells
      sample: user_demo
    user_name:
      description: The name of who publishes it.
      type: str
      returned: where the API tells
      sample: user_name_demo
    created:
      description: Since when it is published (ISO 8601, UTC).
      type: str
      returned: where the API tells
      sample: "2022-01-13T03:38:30.123Z"
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
    exists:
      description: Whether the room exists.
      type: bool
      returned: where the API told
      sample: true
    streams:
      description: How many streams are in it. V(0) for a room that does not exist.
      type: int
      returned: where the API told
      sample: 12
    failed:
      description: Whether the room could not be asked.
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
      description: How many requests asked for the room.
      type: int
      returned: always
      sample: 1
summary:
  description: How many rooms there were, how many of them exist, do not exist, and could not be asked, and how many
    streams were found.
  returned: once the input is accepted
  type: dict
  sample:
    total: 3
    existing: 2
    missing: 1
    failed: 0
    streams: 24
api_requests:
  description: How many requests were sent to the API.
  returned: once the input is accepted
  type: int
  sample: 3
"""

from ansible_collections.zego.cloud.plugins.module_utils._tasks.stream_info import main

if __name__ == "__main__":
    main()
