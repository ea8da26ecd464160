# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: teardown_report
short_description: Make a report from what the tasks of a teardown returned
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - B(Deprecated.) It was a part of the role P(zego.cloud.teardown#role), which does without it now, and will be removed
    in zego.cloud 2.0.0. Use the role, its report in JSON, and the fact C(zego_teardown_result).
  - Takes what the role P(zego.cloud.teardown#role) planned and what its tasks returned, and makes the structure behind
    every form of the report.
  - Everything that was planned has exactly one entry, whatever a task returned. An item for which nothing was returned
    has failed.
  - No key gets into the report. Of a file's address, query and user info are left out; of a relay's address, only host
    and application are kept.
options:
  _input:
    description:
      - What the role knows at its end. All keys but C(plan) are optional.
      - The keys are C(event), C(check_mode), C(started), C(finished), C(skip), C(fail_on), C(wait_for_files),
        C(keep_rooms), C(plan), C(warnings), C(steps) and C(results).
      - C(keep_rooms) tells whether a room stays open if a stream that was found in it could not be stopped. The default
        is V(true).
      - C(wait_for_files) tells whether the recorded files are waited for. The default is V(false).
      - C(steps) lists the steps that ran. Each has C(step), C(started), C(finished) and, if it ended early, C(error).
      - C(results) maps the name of a step to what Ansible registered of its task.
      - C(warnings) lists what the check before the first step warned of.
    type: dict
    required: true
seealso:
  - plugin: zego.cloud.report_html
    plugin_type: filter
  - plugin: zego.cloud.report_junit
    plugin_type: filter
  - plugin: zego.cloud.report_markdown
    plugin_type: filter
  - plugin: zego.cloud.report_text
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Keep a report of a teardown that is not the role's
  ansible.builtin.copy:
    content: "{{ facts | zego.cloud.teardown_report | zego.cloud.report_html }}"
    dest: teardown.html
    mode: "0644"
  vars:
    plan: "{{ {'streams': {'Tencent': ['stage-1']}} | zego.cloud.teardown_plan }}"
    facts:
      event: Launch night
      plan: "{{ plan }}"
      steps:
        - step: recordings
      results:
        recordings: "{{ teardown | combine({'__zego_teardown_group': plan.recordings[0]}) }}"
"""

RETURN = r"""
_value:
  description:
    - The report, as C(docs/teardown-report.schema.json) of the collection describes it.
    - C(schema) names its version. The number rises when a key is renamed, removed, or changes its meaning. New keys may
      come at any time.
  type: dict
  contains:
    schema:
      description: The name and version of this structure.
      type: str
      returned: always
      sample: zego.cloud/teardown-report/1
    event:
      description: The name of the event.
      type: str
      returned: always
      sample: Launch night
    check_mode:
      description: Whether the teardown ran in check mode, so that this is only what would happen.
      type: bool
      returned: always
      sample: false
    started:
      description: When the teardown began (ISO 8601, UTC), V(null) if not known. C(finished) and C(seconds) go with it.
      type: str
      returned: always
      sample: "2026-05-01T22:00:03.250Z"
    failed:
      description: Whether anything failed that counts as a failure of the teardown.
      type: bool
      returned: always
      sample: true
    totals:
      description:
        - How many streams there were, and how many of them changed, did not change, failed, and were skipped.
        - C(vendors) has the same for each vendor.
      type: dict
      returned: always
      sample:
        total: 200
        changed: 198
        unchanged: 1
        failed: 1
        skipped: 0
    outcomes:
      description: How many streams had which outcome.
      type: dict
      returned: always
      sample:
        stopped: 198
        already_stopped: 1
        failed: 1
    failures:
      description:
        - Everything that failed, in the order of the steps, but what counts first. Each has C(step), C(name),
          C(counts), C(message), and what is known of C(vendor), C(outcome), C(code), C(request_id) and
          C(vendor_request_id).
      type: list
      elements: dict
      returned: always
      sample:
        - step: recordings
          name: stage-7
          vendor: Tencent
          outcome: failed
          code: ResourceNotFound.FreezeService
          message: >-
            Tencent answered ResourceNotFound.FreezeService. The account at Tencent is blocked, suspended or in
            arrears.
          counts: true
    timeline:
      description:
        - One entry for each step.
        - It has C(step), C(title), C(status) (V(ok), V(changed), V(failed) or V(skipped)), C(summary), and when it ran.
      type: list
      elements: dict
      returned: always
      sample:
        - step: recordings
          title: Stop the recordings
          status: failed
          summary: 198 stopped, 1 already stopped, 1 failed
          started: "2026-05-01T22:00:03.250Z"
          finished: "2026-05-01T22:00:05.000Z"
          seconds: 1.75
    streams:
      description:
        - One entry for each stream, as M(zego.cloud.zego_cdn_record) returns it, with C(vendor) and C(files), and with
          C(room_id) if it was found in a room.
      type: list
      elements: dict
      returned: always
      sample:
        - stream_id: stage-1
          vendor: Tencent
          outcome: stopped
          changed: true
          failed: false
          files: []
    files:
      description:
        - For how many streams' files the teardown waited, how many files were found, their size in bytes, how many
          streams have none (C(missing)), files that are not the whole recording (C(incomplete)), and files of which
          nobody knows whether they are all (C(unknown)).
      type: dict
      returned: always
      sample:
        waited_for: 199
        found: 199
        bytes: 420000000
        missing: 0
        incomplete: 0
        unknown: 0
    discovery:
      description: One entry for each room that was searched for streams.
      type: list
      elements: dict
      returned: always
      sample:
        - room_id: main-stage
          vendor: Tencent
          outcome: found
          changed: false
          failed: false
          exists: true
          streams: 12
    relays:
      description: One entry for each relay, with the host and application of its address.
      type: list
      elements: dict
      returned: always
      sample:
        - stream_id: stage-1
          cdn: rtmp://push.example.com
          outcome: removed
          changed: true
          failed: false
    rooms:
      description: One entry for each room that was to be closed.
      type: list
      elements: dict
      returned: always
      sample:
        - room_id: main-stage
          outcome: closed
          changed: true
          failed: false
    warnings:
      description: The warnings of the check before the first step, then those of the tasks.
      type: list
      elements: str
      returned: always
      sample: []
"""

from ansible_collections.zego.cloud.plugins.plugin_utils._filters import check_mapping, warn_of_removal
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import build


def teardown_report(facts):
    """Return the report of a teardown."""
    warn_of_removal("teardown_report")
    check_mapping(facts, "teardown_report")
    return build(facts)


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"teardown_report": teardown_report}
