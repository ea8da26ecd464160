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
      - An ID has at most 256 bytes, and neither white space nor control characters.
      - Quote IDs, since YAML reads C(0123) as the number 83, C(on) as a boolean and C(1.10) as the number 1.1. A whole
        number is taken as its digits, with a warning; what is no ID is refused before anything is sent.
      - Text is read as JSON if it is the JSON text of a list, else it is cut at its commas.
      - Cannot be combined with O(file_ids).
    type: list
    elements: str
    aliases: [stream_ids, stream_id]
  file_ids:
    description: The IDs of files. Only for O(vendor=Tencent).
    type: list
    elements: str
  app:
    description:
      - The name of the application in the keys of V(Ws) and V(Huawei), the one in the push URL of the streams.
      - A key of V(Ws) is C(APP-STREAM--TIME.FORMAT), where both names may have dashes. Without this option, the
        application is taken to have none.
      - With it, fewer keys are read. Only for O(vendor=Ws) and O(vendor=Huawei).
      - At most 256 bytes, and neither white space nor control characters.
    type: str
  name_prefix:
    description:
      - At V(Tencent) what the names of the files begin with. At V(Ws) and V(Huawei) what their keys begin with.
      - The API takes 20 bytes of it. Those are sent, and the module itself leaves out the files that do not begin with
        the rest, so that a longer prefix does not mean fewer requests.
      - It has at most 256 bytes, and neither white space nor control characters.
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
  requests_per_second:
    default: 20
notes:
  - A file appears here some time after its recording was stopped. Repeat the task with C(until) to wait for it.
  - V(Tencent) lists no more than 5000 files for one question. Where there are more, the time between O(since) and
    O(until) is halved until they fit.
seealso:
  - module: zego.cloud.zego_cdn_record
"""

EXAMPLES = r"""
- name: Wait until every stream has a recorded file
  zego.cloud.zego_media_info:
    vendor: Tencent
    streams: "{{ event_streams }}"
    since: "{{ event_start }}"
  register: recorded
  until: recorded.streams is defined and recorded.streams | selectattr('files', 'defined') | selectattr('files') |
    length == event_streams | length
  retries: 20
  delay: 30

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

from ansible_collections.zego.cloud.plugins.module_utils._media.job import ACTION, MediaJob
from ansible_collections.zego.cloud.plugins.module_utils._media.search import make_search, search_result
from ansible_collections.zego.cloud.plugins.module_utils._module import ZegoModule
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_codes import VENDORS
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_names import vendor_advice

SPEC = {
    "vendor": {"type": "str", "required": True, "choices": list(VENDORS)},
    "streams": {"type": "list", "elements": "str", "aliases": ["stream_ids", "stream_id"]},
    "file_ids": {"type": "list", "elements": "str"},
    "app": {"type": "str"},
    "name_prefix": {"type": "str"},
    "since": {"type": "str"},
    "until": {"type": "str"},
    "limit": {"type": "int"},
    "requests_per_second": {"type": "float", "default": 20},
}


def main():
    module = ZegoModule(SPEC, advice={"vendor": vendor_advice})
    search = module.accept(lambda params: make_search(params, module.environment))
    client = module.client(ACTION)
    job = MediaJob(client, search, module.warn)
    findings = job.search()
    doubtful = job.names.doubtful if job.names else {}
    module.exit(search_result(search, findings, doubtful, api_requests=client.requests_sent))


if __name__ == "__main__":
    main()
