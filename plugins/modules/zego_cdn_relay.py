#!/usr/bin/python

# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zego_cdn_relay
short_description: Stop relaying streams to CDNs
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Stops relays of streams to CDN addresses through the ZEGO server API (action DeleteCDNTransferRule), and reports
    changed or failed for each relay.
  - All relays are processed, whatever happens to one of them. If any failed, the task fails once, at the end, with the
    whole list kept.
  - The API documents no code for a relay that does not exist, and no way to ask for one. The module therefore
    remembers in O(ledger) what it removed within the last O(ledger_ttl) seconds, so that a
    second run that the API acknowledges is reported as unchanged. The ledger holds a hash of the CDN address, never the
    address itself.
extends_documentation_fragment:
  - zego.cloud.connection
  - zego.cloud.attributes
attributes:
  check_mode:
    support: partial
    details:
      - Input is validated, nothing is sent, and the ledger is read but not written.
      - The API cannot be asked for a relay, so the prediction comes from the ledger. If the ledger knows nothing of a
        relay, a change is predicted.
  diff_mode:
    support: partial
    details:
      - The state before is deduced from the ledger, since the API cannot be asked for it.
  idempotent:
    support: partial
    details:
      - True for each relay within O(ledger_ttl) for all who share the ledger. A relay that was made anew within that
        time is removed, but reported as unchanged.
options:
  relays:
    description:
      - The relays. Each is a mapping with exactly C(stream_id) and C(cdn_url). Duplicates are processed once.
      - C(stream_id) is the stream. It has at most 256 bytes, and neither control characters nor white space at its
        ends. A relay of a stream with another name fails, and the others are processed.
      - With O(is_test=true) the prefix C(zegotest-AppId-), which the API wants there, is put before it.
      - C(cdn_url) is the address to which it is relayed, an RTMP URL, as it was when the relay was made. Its query may
        differ, such as a signature that was renewed. Addresses that differ in nothing else are one relay.
      - Such an address often carries a key, so it is handled as a secret. So is whatever is given in a wrong form,
        since it may hold an address.
    type: list
    elements: raw
    required: true
  state:
    description: The state that the relays should have.
    type: str
    default: absent
    choices: [absent]
  absent_codes:
    description:
      - Codes of the API that mean 'there is no such relay', as your account answers them. The API reference lists none.
      - A relay that is answered with such a code is V(already_removed). Any other code is a failure, even where the
        module remembers that it removed the relay, since the relay may have been made anew.
    type: list
    elements: int
    default: []
  ledger_ttl:
    description: Seconds for which the ledger's memory of a relay counts.
    type: int
    default: 3600
  requests_per_second:
    default: 10
notes:
  - The ledger only changes how a removal is reported. A removal is sent in any case.
  - A loop over relays prints its items, and ansible-core quotes the lines of a task that failed. Keep keys in
    variables, and give all relays to one task, or use C(no_log) on the task.
  - The API wants a rising Sequence for each stream, for which the module takes its clock in milliseconds. Where the
    relay was made by a machine whose clock is ahead, it may refuse the removal.
seealso:
  - module: zego.cloud.zego_cdn_record
"""

EXAMPLES = r"""
- name: Stop the relays of the event
  zego.cloud.zego_cdn_relay:
    relays:
      - stream_id: stage-1
        cdn_url: rtmp://push.example.com/live/stage-1
      - stream_id: stage-1
        cdn_url: "rtmp://live.example.net/app/{{ vault_stream_key }}"
"""

RETURN = r"""
relays:
  description: One entry for each relay, in the order asked. What does not apply to a relay is left out of its entry.
  returned: once the input is accepted
  type: list
  elements: dict
  contains:
    stream_id:
      description: The stream.
      type: str
      returned: always
      sample: stage-1
    cdn:
      description:
        - Scheme and host of the CDN address. Anything else in it may be a key, and is not shown. The order of O(relays)
          tells entries apart that look alike.
      type: str
      returned: always
      sample: rtmp://push.example.com
    outcome:
      description:
        - V(removed), V(already_removed), V(failed) or V(not_attempted).
        - V(not_attempted) is one for which nothing was sent, since the run ended early. It counts as failed.
      type: str
      returned: always
      sample: removed
    changed:
      description: Whether the outcome is V(removed).
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
      sample: "1000"
    message:
      description: What happened, what it means, and what to do.
      type: str
      returned: where there is something to say
      sample: "the API answered Code 1000 (request failed). Run it again; if it persists, give ZEGO's support the
        request id."
    request_id:
      description: ZEGO's RequestId.
      type: str
      returned: where a reply came
      sample: "5885338326725063742"
    attempts:
      description: How many requests were sent for the relay.
      type: int
      returned: always
      sample: 1
summary:
  description: How many relays there were, and how many of them changed, did not change, and failed.
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

from ansible_collections.zego.cloud.plugins.module_utils._tasks.cdn_relay import main

if __name__ == "__main__":
    main()
