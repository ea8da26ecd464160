#!/usr/bin/python

# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zego_media_info
short_description: List the recorded files of streams
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Asks the ZEGO server API for recorded files (action SearchMedia), and returns them in the same form for every CDN
    vendor.
  - All pages are read. If a request failed, the task fails once, at the end, with everything found kept.
  - Tencent does not say to which stream a file belongs. Streams are therefore asked for ten at a time, and one by one
    where there is a file.
  - Ws and Huawei carry the stream in the key of the file only, and cannot be asked for a stream. All keys (with
    O(name_prefix)) are read, and a stream is matched exactly, never as a part of another one's name.
  - A recording comes in several files. With O(wait), the module waits until each stream's recording is whole.
extends_documentation_fragment:
  - zego.cloud.connection
  - zego.cloud.attributes
  - zego.cloud.attributes.info_module
options:
  vendor:
    description: The CDN vendor that recorded the streams. V(Ws) is Wangsu. V(Aliyun) is refused, since the API cannot
      search for its files.
    type: str
    required: true
    choices: [Tencent, Ws, Huawei, Aliyun]
  streams:
    description:
      - The IDs of the streams. Duplicates are processed once. Without it, the files of all streams are returned.
      - An ID has at most 256 bytes, and neither control characters nor white space at its ends.
      - Quote IDs, since YAML reads C(0123) as the number 83, C(on) as a boolean and C(1.10) as the number 1.1. A whole
        number is taken as its digits, with a warning; what is no text is refused before anything is sent.
      - An ID that no request can carry fails, and the others are processed.
      - Text is read as JSON if it is the JSON text of a list, else it is cut at its commas.
      - Cannot be combined with O(file_ids).
    type: list
    elements: str
    aliases: [stream_ids, stream_id]
  file_ids:
    description: The IDs of files. Only for O(vendor=Tencent). One that no request can carry fails, and the others are
      processed.
    type: list
    elements: str
  exact_names:
    description:
      - Whether the API itself gave the names of the streams, such as those that M(zego.cloud.zego_stream_info) returns.
      - White space at the ends of such a name is a part of it, and the name is sent as it is. In a name that somebody
        wrote it is most likely a slip, so that one fails.
    type: bool
    default: false
    version_added: 1.1.0
  app:
    description:
      - The name of the application in the keys of V(Ws) and V(Huawei), the one in the push URL of the streams.
      - A key of V(Ws) is C(APP-STREAM--TIME.FORMAT), where both names may have dashes. Without this option, the
        application is taken to have none.
      - With it, fewer keys are read. Only for O(vendor=Ws) and O(vendor=Huawei).
      - At most 256 bytes, and neither control characters nor white space at its ends.
    type: str
  name_prefix:
    description:
      - At V(Tencent) what the names of the files begin with. At V(Ws) and V(Huawei) what their keys begin with.
      - The API takes 20 bytes of it. Those are sent, and the module itself leaves out the files that do not begin with
        the rest, so that a longer prefix does not mean fewer requests.
      - It has at most 256 bytes, and neither control characters nor white space at its ends.
    type: str
  since:
    description: Only files created at that time or later. Unix seconds, or ISO 8601 (UTC where it names no time zone).
    type: str
  until:
    description: Only files created before that time. Unix seconds, or ISO 8601 (UTC where it names no time zone).
    type: str
  limit:
    description:
      - Ask no further once so many files were found, and return no more than that. Which files those are is the API's
        choice.
      - RV(complete) tells whether there may be more.
    type: int
  wait:
    description:
      - Whether to search again and again until the recording of each of the O(streams) is whole, or O(wait_timeout) is
        over.
      - A recording is whole if its newest file was made when it was stopped or later (see O(wait_for) and
        O(wait_tolerance)). Where a stream has files in several formats, that is asked of each. A stream without a known
        stop needs one file.
      - Two searches in a row have to find the same files, because a large file can be listed after the small one that
        follows it.
      - The wait ends at once on a code that no wait changes, such as a wrong signature or a missing permission.
      - In check mode the module searches once, since nothing was stopped.
    type: bool
    default: false
  wait_for:
    description:
      - When the recordings of the O(streams) were stopped. Take RV(zego.cloud.zego_cdn_record#module:streams) as it is.
      - Each entry has C(stream_id), and C(stopped_at) (Unix seconds, or ISO 8601) where that is known. Other keys do
        not matter, nor do other streams.
      - Without O(wait), the module searches once, and says of each stream whether its recording is whole.
    type: list
    elements: dict
  wait_timeout:
    description: How many seconds to wait at most. V(0) is a single search.
    type: int
    default: 600
  wait_delay:
    description: Seconds between the first two searches. Each further pause is half as long again, up to 60 seconds.
    type: float
    default: 5
  wait_tolerance:
    description:
      - How many seconds before its stop the newest file of a stream may have been made, for the recording to be whole.
      - The clocks of the API and of the vendor may differ by some seconds. Where nobody pushed any more when the
        recording was stopped, the newest file was made when the push ended. Then give the longest such time.
    type: float
    default: 10
  fail_on_missing:
    description: Whether the task fails if a recording is not whole in the end.
    type: bool
    default: false
  requests_per_second:
    default: 20
notes:
  - The API says when a file was made, but not how long that is after its end, and at V(Ws) and V(Huawei) not how long
    it is either. A file holds nothing that was recorded after it was made. That is what the module goes by.
  - V(Tencent) lists no more than 5000 files for one question. Where there are more, the time between O(since) and
    O(until) is halved until they fit.
seealso:
  - module: zego.cloud.zego_cdn_record
"""

EXAMPLES = r"""
- name: Stop the recordings
  zego.cloud.zego_cdn_record:
    vendor: Tencent
    streams: "{{ event_streams }}"
  register: stopped

- name: Wait until every recording is whole
  zego.cloud.zego_media_info:
    vendor: Tencent
    streams: "{{ event_streams }}"
    since: "{{ event_start }}"
    wait: true
    wait_for: "{{ stopped.streams }}"
    fail_on_missing: true

- name: Find the files of one stream at Wangsu
  zego.cloud.zego_media_info:
    vendor: Ws
    app: live
    streams: stage-1
    since: "2026-05-01T18:00:00+02:00"
"""

RETURN = r"""
files:
  description: The files, oldest first. What is not known of a file is left out of its entry.
  returned: once the input is accepted
  type: list
  elements: dict
  contains:
    stream_id:
      description:
        - The stream that was recorded.
        - At V(Tencent) only where O(streams) is given. At V(Ws) and V(Huawei) where the key of the file has the
          documented form.
      type: str
      returned: where known
      sample: stage-1
    file_id:
      description: The ID of the file.
      type: str
      returned: vendor Tencent
      sample: "3270835011057780896"
    name:
      description: The name of the file, at V(Ws) and V(Huawei) its key.
      type: str
      returned: where known
      sample: 1690354361.mp4
    format:
      description: The format of the file.
      type: str
      returned: where known
      sample: mp4
    url:
      description: Where the file is.
      type: str
      returned: where known
      sample: http://push.url/app-stage-1--20230728181527.mp4
    size:
      description: The size of the file in bytes.
      type: int
      returned: where known
      sample: 2239086
    duration:
      description: How long the recording is, in seconds.
      type: float
      returned: where known, vendor Tencent
      sample: 31.104
    created:
      description: When the file was made, at V(Ws) and V(Huawei) when it was last modified (ISO 8601, UTC).
      type: str
      returned: where known
      sample: "2023-07-26T06:52:49Z"
    expires:
      description: When the file will be deleted (ISO 8601, UTC). A time in the year 9999 means never.
      type: str
      returned: where known, vendor Tencent
      sample: "9999-12-31T23:59:59Z"
streams:
  description: One entry for each stream, in the order asked. What does not apply to a stream is left out of its entry.
  returned: where O(streams) is given, once the input is accepted
  type: list
  elements: dict
  contains:
    stream_id:
      description: The stream.
      type: str
      returned: always
      sample: stage-1
    files:
      description: How many of RV(files) are the stream's.
      type: int
      returned: where the API was asked for all of them
      sample: 1
    missing:
      description:
        - Whether there is more to come. Where RV(streams[].stopped_at) is known, that is so until the recording is
          whole; else until there is a file.
        - It is V(true) as well where the API could not be asked.
      type: bool
      returned: with O(wait) or O(wait_for)
      sample: false
    whole:
      description: Whether the files reach the stop of the recording.
      type: bool
      returned: with O(wait_for), where it has a time for the stream
      sample: true
    stopped_at:
      description: When the recording was stopped, as O(wait_for) says (ISO 8601, UTC).
      type: str
      returned: with O(wait_for), where it has a time for the stream
      sample: "2026-05-01T22:00:04.250Z"
    recorded_from:
      description:
        - When what is in the files began at the latest, that is when the first file was made, less its duration where
          that is known (ISO 8601, UTC).
      type: str
      returned: where a file says when it was made
      sample: "2026-05-01T18:00:03.100Z"
    recorded_to:
      description: When the newest file was made (ISO 8601, UTC).
      type: str
      returned: where a file says when it was made
      sample: "2026-05-01T22:00:12Z"
    duration:
      description: How long the files are together, in seconds. Where there are several formats, those of one.
      type: float
      returned: vendor Tencent, where there is a file
      sample: 14408.9
    gaps:
      description:
        - Where there are more than 60 seconds between two files, C(from) and C(to) (ISO 8601, UTC) and the C(seconds)
          between them. Most likely the push was interrupted.
        - They are as exact as the time after which the vendor makes a file is the same for each.
      type: list
      elements: dict
      returned: vendor Tencent, where there are gaps
      sample:
        - from: "2026-05-01T19:10:00Z"
          to: "2026-05-01T19:12:30Z"
          seconds: 150.0
    failed:
      description: Whether the API could not be asked for all files of the stream.
      type: bool
      returned: always
      sample: false
    code:
      description: The API's code.
      type: str
      returned: where it is not 0
      sample: "2"
    message:
      description: What happened, what it means, and what to do.
      type: str
      returned: where there is something to say
      sample: "the API answered Code 2 (invalid input parameter). Check the options."
    request_id:
      description: ZEGO's RequestId.
      type: str
      returned: failed, and a reply came
      sample: "6877226848471811505"
complete:
  description:
    - Whether RV(files) is all there is.
    - V(false) where O(limit) was reached, a request failed, or the API counted more files than it listed (with a
      warning).
  returned: once the input is accepted
  type: bool
  sample: true
summary:
  description:
    - How many files were found, how many bytes they have as far as known, and how many streams (or, without O(streams),
      searches) could not be asked for to the end.
    - With O(wait) or O(wait_for) also for how many streams RV(streams[].missing) is true (C(missing)).
  returned: once the input is accepted
  type: dict
  sample:
    files: 3
    bytes: 8680639
    failed: 0
api_requests:
  description: How many requests were sent to the API.
  returned: once the input is accepted
  type: int
  sample: 3
"""

from ansible_collections.zego.cloud.plugins.module_utils._tasks.media_info import main

if __name__ == "__main__":
    main()
