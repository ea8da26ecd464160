# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  app_id:
    description:
      - The AppID of the ZEGO project.
      - If not set, the environment variable E(ZEGO_APP_ID) is used.
    type: int
    required: true
  server_secret:
    description:
      - The ServerSecret of the ZEGO project. It signs the requests and is never sent, printed or stored.
      - White space, a newline, or quotes around it are refused, since no signature made with them is right.
      - If not set, the environment variable E(ZEGO_SERVER_SECRET) is used.
    type: str
    required: true
  region:
    description:
      - The region whose API is called.
      - If not set, the environment variable E(ZEGO_REGION) is used.
    type: str
    default: global
    choices: [global, sha, hkg, fra, lax, bom, sgp]
  api_url:
    description:
      - The address of the API, instead of O(region). For a test server or a gateway.
      - Plain HTTP is refused but for loopback addresses, or where O(validate_certs=false).
      - A user name, password or token before its host is refused. Use O(api_user) and O(api_password).
      - Its path may be a token of a gateway, so no log and no result shows it.
      - If not set, the environment variable E(ZEGO_API_URL) is used.
    type: str
  api_user:
    description:
      - The user name that a gateway before the API asks for (HTTP Basic authentication), or a token.
      - No log and no invocation shows it. From eight characters on it is blacked out of all output.
      - If not set, the environment variable E(ZEGO_API_USER) is used.
    type: str
    version_added: 1.1.0
  api_password:
    description:
      - The password for O(api_user).
      - If not set, the environment variable E(ZEGO_API_PASSWORD) is used.
    type: str
    version_added: 1.1.0
  ledger:
    description:
      - Where runs keep what they have to know of each other. That is what they did to which stream or relay
        (M(zego.cloud.zego_cdn_record), M(zego.cloud.zego_cdn_relay)), and how fast they go, since they share the quota.
      - A path is a SQLite file of this machine. It has to belong to the user who runs the module, in a folder that not
        everybody can write to, and neither be a symbolic link nor have a hard link. Any other file is left alone, with
        a warning. The numbers of the pace are in small files beside it.
      - C(redis://host:6379/0), C(rediss://host:6379/0) (TLS) or C(unix:///path/to/socket?db=0) is a server that several
        machines share, Redis 6.2 or Valkey 7.2 at least. That needs the Python package C(redis). For C(rediss) it goes
        by O(validate_certs), too, and trusts the certificates of O(ca_path) beside the usual ones.
      - A user name or a password in the address is refused. Use O(ledger_user) and O(ledger_password).
      - Empty for no memory. The pace is still shared by the runs of one user on one machine.
      - If not set, the environment variable E(ZEGO_LEDGER) is used.
    type: str
    default: ~/.ansible/zego/ledger.sqlite3
    version_added: 1.0.0
  ledger_user:
    description:
      - The user name (of an ACL) for the server of O(ledger).
      - If not set, the environment variable E(ZEGO_LEDGER_USER) is used.
    type: str
    version_added: 1.1.0
  ledger_password:
    description:
      - The password for the server of O(ledger).
      - If not set, the environment variable E(ZEGO_LEDGER_PASSWORD) is used.
    type: str
    version_added: 1.1.0
  is_test:
    description: Whether to use the test environment, which only projects created on or before 2021-11-16 have.
    type: bool
    default: false
  validate_certs:
    description: Whether to check the certificate of the API.
    type: bool
    default: true
  ca_path:
    description: A file or folder with the CA certificates to trust instead of the usual ones.
    type: path
  timeout:
    description: Seconds for connecting, and again for the whole answer, in every attempt.
    type: float
    default: 10
  retries:
    description:
      - How often one request is sent again after a failure that may pass. V(0) for never.
      - The waits between grow, with jitter, and come to 7.5 seconds at least with V(4), and to 15.5 with V(5). An API
        that is back by then loses nothing.
      - An API that answers nobody for that long ends the run.
    type: int
    default: 4
  requests_per_second:
    description:
      - The most requests sent in any one second, V(0.01) at least.
      - If not set, it is the quota that the API grants an AppID for the action, for all who use it; V(20) where that is
        not known.
      - Except in M(zego.cloud.zego_cdn_record), a number above that quota is lowered to it, so that one number can be
        set for the whole action group.
      - The module slows down by itself where others use the quota as well.
    type: float
  rate_limit_timeout:
    description:
      - Seconds without any progress after which the module gives up while the API or the vendor answers 'too frequent'.
      - A large event at a slow vendor takes longer than that in all, and does not fail for it.
    type: float
    default: 120
requirements:
  - requests >= 2.25.1
  - redis >= 4.6 (only for a O(ledger) on a server)
  - urllib3 >= 1.26.5
"""
