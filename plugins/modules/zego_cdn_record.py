#!/usr/bin/python

# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zego_cdn_record
short_description: Stop or start the CDN recordings of streams
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Stops or starts the CDN recordings of a list of streams through the ZEGO server API, and reports changed or failed
    for each stream.
  - All streams are processed, whatever happens to one of them. If any failed, the task fails once, at the end, with the
    whole list kept.
  - No API tells whether a stream is being recorded. The module therefore remembers in O(ledger) what it did within the
    last O(ledger_ttl) seconds, so that a second run reports what is already stopped as unchanged.
extends_documentation_fragment:
  - zego.cloud.connection
  - zego.cloud.attributes
attributes:
  check_mode:
    support: partial
    details:
      - Input is validated, nothing is sent, and the ledger is read but not written.
      - No API tells whether a stream is being recorded, so the prediction comes from the ledger. If the ledger knows
        nothing of a stream, a change is predicted.
  diff_mode:
    support: partial
    details:
      - The state before is deduced from the vendor's answer and from the ledger, since no API can be asked for it.
      - Before a stop it is V(unknown), unless the ledger remembers that the stream was recording.
  idempotent:
    support: partial
    details:
      - True for each stream within O(ledger_ttl) for all who share the ledger (by default one user on one machine), or
        where the vendor answers that nothing is being recorded.
      - Without the ledger, a vendor that acknowledges a repeated stop makes it look like a change.
      - A start at Tencent or Ws that a machine with another ledger sent is not known here, and is sent again.
options:
  streams:
    description:
      - The IDs of the streams. Duplicates are processed once.
      - An ID has at most 256 bytes, and neither control characters nor white space at its ends.
      - Quote IDs, since YAML reads C(0123) as the number 83, C(on) as a boolean and C(1.10) as the number 1.1. A whole
        number is taken as its digits, with a warning; what is no text is refused before anything is sent.
      - An ID that no request can carry fails, and the others are processed.
      - Text is read as JSON if it is the JSON text of a list, else it is cut at its commas.
    type: list
    elements: str
    required: true
    aliases: [stream_ids, stream_id]
  exact_names:
    description:
      - Whether the API itself gave the names of the streams, such as those that M(zego.cloud.zego_stream_info) returns.
      - White space at the ends of such a name is a part of it, and the name is sent as it is. In a name that somebody
        wrote it is most likely a slip, so that one fails.
    type: bool
    default: false
    version_added: 1.1.0
  vendor:
    description: The CDN vendor that records the streams. V(Ws) is Wangsu.
    type: str
    required: true
    choices: [Tencent, Ws, Huawei, Aliyun]
  state:
    description:
      - Whether the recordings are to be stopped or started.
      - A start at Tencent or Ws is never sent again where an earlier one may have been carried out, since that could be
        a further, paid recording.
    type: str
    default: stopped
    choices: [stopped, started]
  domain:
    description: The pull domain. Only for O(vendor=Aliyun), which needs it where there are several.
    type: str
  point:
    description: The access point. Only for O(vendor=Aliyun), which needs it where there are several.
    type: str
  end_time:
    description:
      - When the recording ends by itself, in Unix seconds, within the next 24 hours.
      - Only for O(state=started) with O(vendor=Tencent).
    type: int
  force:
    description: Start even where the ledger knows of a recording that is still running, or of a start whose answer was
      lost.
    type: bool
    default: false
  expect_recording:
    description:
      - Whether every stream has to be recording. Only for O(state=stopped).
      - A stream that is not recording, according to the vendor, and of which the ledger remembers no stop, then
        counts as failed. Otherwise it is V(already_stopped), with a warning. A misspelt name gets the same answer from
        the vendor as a recording that somebody else has stopped.
    type: bool
    default: false
    version_added: 1.1.0
  batch_size:
    description:
      - The most streams in one request, or V(auto). No maximum is documented.
      - With V(auto) a start has 20 streams in a request. A stop begins with 20, and doubles that as long as whole
        requests pass without a throttled stream, up to what a URL holds.
      - A request that the API finds too large is halved by itself, and the later ones are no larger.
      - It was a number, V(20) by default, before version 1.1.0.
    type: str
    default: auto
  not_recording_codes:
    description:
      - Further vendor codes that mean 'this stream is not being recorded', as your account answers them.
      - Codes for success, throttling, permission, configuration and a blocked account keep their documented meaning.
      - An answer which says that a domain or a configuration does not exist is not taken for one about the stream,
        whatever its code.
    type: list
    elements: str
    default: []
  ledger_ttl:
    description:
      - Seconds for which the ledger's memory of a stream counts.
      - The memory of a start with O(end_time) counts until then.
    type: int
    default: 3600
  ledger_required:
    description:
      - Whether to send no start that the ledger cannot remember.
      - By default such a start is sent, with a warning that it may be a second one, since a lost recording is worse.
    type: bool
    default: false
    version_added: 1.1.0
  result:
    description:
      - Of which streams the task returns the entries in RV(streams), V(all) of them, those that V(failed), or none with
        V(summary).
      - AWX and Automation Controller keep nothing of a result above 700,000 bytes, which is some thousands of streams.
      - The message and RV(summary) are about all streams in any case, and so is the diff.
    type: str
    default: all
    choices: [all, failed, summary]
    version_added: 1.1.0
  requests_per_second:
    default: 20
notes:
  - The ledger only changes how a stop is reported. A stop is sent in any case.
  - Interrupted (SIGINT, SIGTERM, SIGHUP), the module sends nothing more, waits for the answers to the requests in
    flight, and reports the other streams as V(not_attempted).
  - The pace adapts itself to other pipelines with the same O(app_id), and to what the vendor takes in a second.
"""

EXAMPLES = r"""
- name: End the event
  zego.cloud.zego_cdn_record:
    vendor: Tencent
    streams: "{{ event_streams }}"
  register: teardown

- name: Stop two recordings at one of several Aliyun domains
  zego.cloud.zego_cdn_record:
    vendor: Aliyun
    domain: pull.example.com
    point: live
    streams:
      - stage-1
      - stage-2

- name: Start recordings that end by themselves after four hours
  zego.cloud.zego_cdn_record:
    vendor: Tencent
    state: started
    end_time: "{{ now().timestamp() | int + 4 * 3600 }}"
    streams:
      - stage-1

- name: End the event, and fail where a stream was not recording
  zego.cloud.zego_cdn_record:
    vendor: Tencent
    streams: "{{ event_streams }}"
    expect_recording: true

- name: Name the streams that still need a hand
  ansible.builtin.debug:
    msg: "{{ item.stream_id }}: {{ item.message }}"
  loop: "{{ teardown.streams | selectattr('failed') }}"
  loop_control:
    label: "{{ item.stream_id }}"
"""

RETURN = r"""
streams:
  description:
    - One entry for each stream, in the order asked. What does not apply to a stream is left out of its entry.
    - With O(result=failed) it has the streams that failed only.
  returned: once the input is accepted, unless O(result=summary)
  type: list
  elements: dict
  contains:
    stream_id:
      description: The stream.
      type: str
      returned: always
      sample: stage-1
    outcome:
      description:
        - V(stopped), V(already_stopped), V(started), V(already_started), V(failed), V(unknown) or V(not_attempted).
        - V(unknown) is a start that was sent and of which no answer tells whether it was carried out; V(not_attempted)
          is a stream for which nothing was sent, since the run ended early. Both count as failed.
      type: str
      returned: always
      sample: stopped
    changed:
      description: Whether the outcome is V(stopped) or V(started).
      type: bool
      returned: always
      sample: true
    failed:
      description: Whether the outcome is V(failed), V(unknown) or V(not_attempted).
      type: bool
      returned: always
      sample: false
    evidence:
      description:
        - How it is known that there was nothing to do. V(remembered) means by the ledger, V(vendor) by the
          vendor's answer alone.
        - V(vendor) may be a misspelt name, see O(expect_recording).
      type: str
      returned: where the outcome is V(already_stopped) or V(already_started), or O(expect_recording) failed the stream
      sample: remembered
      version_added: 1.1.0
    code:
      description: The vendor's code for the stream, or the API's code for its whole request.
      type: str
      returned: where there is one
      sample: ResourceNotFound.FreezeService
    message:
      description: What happened, what it means, and what to do.
      type: str
      returned: where there is something to say
      sample: "Tencent answered ResourceNotFound.FreezeService. The account at Tencent is blocked, suspended or
        in arrears."
    request_id:
      description: ZEGO's RequestId.
      type: str
      returned: where a reply came
      sample: "4315169065145771656"
    vendor_request_id:
      description: The vendor's own request ID.
      type: str
      returned: where the vendor sent one
      sample: d39548da-fbd4-4dce-8023-cfccd28a9963
    task_id:
      description: The recording task.
      type: str
      returned: started at Tencent
      sample: UUpTbkZUQV5WQVxrRFtDUQ
    files:
      description: The recorded files that the vendor announced.
      type: list
      elements: dict
      returned: vendor Ws
      sample:
        - format: mp4
          persistent_id: 202009a378bae528409f87dbe20717415676
    stopped_at:
      description:
        - When the recording was stopped, that is when the request was sent that stopped it, by the API's clock (ISO
          8601, UTC). O(zego.cloud.zego_media_info#module:wait_for) takes it.
        - For V(already_stopped) as the ledger remembers it. It is missing where the ledger does not.
      type: str
      returned: stopped, and already_stopped where the ledger remembers the stop
      sample: "2026-05-01T22:00:04.250Z"
    attempts:
      description: How many requests carried the stream.
      type: int
      returned: always
      sample: 1
summary:
  description:
    - How many streams there were, and how many of them changed, did not change, and failed.
    - C(remembered) and C(vendor) count the streams by their RV(streams[].evidence).
  returned: once the input is accepted
  type: dict
  sample:
    total: 60
    changed: 52
    unchanged: 5
    failed: 3
    remembered: 4
    vendor: 1
api_requests:
  description: How many requests were sent to the API.
  returned: once the input is accepted
  type: int
  sample: 3
"""

from ansible_collections.zego.cloud.plugins.module_utils._tasks.cdn_record import main

if __name__ == "__main__":
    main()
