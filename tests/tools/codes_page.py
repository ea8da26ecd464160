# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Writes the tables of the guide on errors, in English and in Chinese, from the tables that the modules go by.

``python codes_page.py`` mends both pages; with ``--check`` it only tells whether they are in step.
"""

from __future__ import annotations

import atexit
import shutil
import socket
import ssl
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "docsite" / "rst" / "errors.rst"
CHINESE_PAGE = PAGE.with_name("zh_errors.rst")
BEGIN, END = ".. begin of the tables of tests/tools/codes_page.py\n", ".. end of the tables\n"
COMMAND = "python tests/tools/codes_page.py"

if "ansible_collections.zego.cloud" not in sys.modules:
    _parent = Path(tempfile.mkdtemp(prefix="zego-codes-"))
    atexit.register(shutil.rmtree, _parent, ignore_errors=True)
    (_parent / "ansible_collections" / "zego").mkdir(parents=True)
    (_parent / "ansible_collections" / "zego" / "cloud").symlink_to(ROOT)
    sys.path.insert(0, str(_parent))

sys.path.insert(0, str(ROOT / "tests" / "tools"))

import codes_page_zh  # noqa: E402
import requests  # noqa: E402
import urllib3  # noqa: E402

from ansible_collections.zego.cloud.plugins.module_utils._api import codes, errors, replies, wire
from ansible_collections.zego.cloud.plugins.module_utils._api import transport as _transport  # noqa: E402
from ansible_collections.zego.cloud.plugins.module_utils._recording import vendor_codes as vendors  # noqa: E402
from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import CHINESE  # noqa: E402

# What the modules do about it, in a reader's words.
POLICIES = {
    codes.END: "Ends the run at once.",
    codes.PROBABLY_END: "Ends the run once three requests met it (and of recordings, three streams alone) "
    "and none was accepted. Else one stream may be the cause: takes the request apart, and only what is refused alone "
    "fails.",
    codes.SPLIT: "Takes the request apart, where it holds several streams or files, until the culprit stands alone. "
    "Only that one fails. A start goes for each stream alone, once.",
    codes.THROTTLED: "Slows down and sends it again, for up to ``rate_limit_timeout`` seconds without progress.",
    codes.CLOCK: "Corrects its clock by the reply's ``Date``, by a day at most, and sends it again. "
    "If that does not help, the run ends.",
    codes.UNCERTAIN: "Sends it again, but never a start, which is ``unknown``, "
    "nor another action that does harm when done twice.",
    codes.GONE: "``zego_room``, ``zego_stream_info`` and ``zego_media_info`` take it as gone. "
    "Any other module fails for it; in ``zego_api`` list it in ``ok_codes`` where that is fine.",
    codes.FAILED: "Fails what it is about: a stop of several streams is taken apart until the culprit stands alone. "
    "A start that met it is ``unknown``.",
}
RETRIED = (
    "Sends it again, up to ``retries``, but never a start, which is ``unknown``. If that does not help, the run ends."
)
ERRORS = {
    errors.Fatal: "Ends the run at once.",
    errors.Forbidden: POLICIES[codes.PROBABLY_END],
    errors.Refused: POLICIES[codes.FAILED],
    errors.RefusedForContent: POLICIES[codes.SPLIT],
    errors.Throttled: POLICIES[codes.THROTTLED],
    errors.AnswerLost: "Sends it again, up to ``retries``. A start is not sent again: it is ``unknown``.",
    errors.NotSent: "Sends it again, up to ``retries``, a start too: it never left.",
    errors.Unreachable: "Ends the run at once.",
}
MEANINGS = {
    vendors.SUCCESS: ("success", "``stopped``, or ``already_stopped`` where the ledger remembers it", "``started``"),
    vendors.ABSENT: (
        "nothing is being recorded",
        "``already_stopped`` (``stopped`` after a lost answer)",
        "``failed``",
    ),
    vendors.RUNNING: ("is being recorded", "``failed``", "``already_started``"),
    vendors.THROTTLED: ("too frequent", "sent again, a little later", "sent again, a little later"),
    vendors.TRANSIENT: ("internal error", "sent again, up to ``retries``", "``failed``"),
    vendors.FAILED: ("refused", "``failed``", "``failed``"),
    vendors.UNEXPLAINED: ("not clear", "``failed``", "``failed``"),
}
NOT_FOUND = "``already_stopped`` where the ledger remembers a stop, else ``failed``"
NOT_FOUND_CODES = (
    "any other that ends in ``NotFound`` or ``NotExist``, or whose message says that the stream or its task does not "
    "exist, and that names nothing else"
)
UNKNOWN_START = "``unknown``: it may have been done"
STATUSES = {
    "3xx": 302,
    "400": 400,
    "401": 401,
    "403": 403,
    "404": 404,
    "405": 405,
    "407": 407,
    "408": 408,
    "413": 413,
    "414": 414,
    "429": 429,
    "431": 431,
}
STATUSES.update({"another 4xx": 418, "5xx": 500})
FAMILIES = {
    codes.MEDIA_FILES: "Recordings and recorded files",
    codes.ROOMS: "Rooms",
    codes.MEDIA_SERVICE: "Relays, and bans of streams",
    codes.MIXING: "Mixing and transcoding",
    codes.MODERATION: "Moderation",
    codes.CLOUD_RECORDING: "Cloud recording",
}
CODES_INTRO = (
    "ZEGO numbers its codes for each family of actions: Code ``3`` is 'permission not enabled' in a reply about "
    "recordings, and 'input too long' in one about rooms."
)
OTHER_ACTIONS = (
    "A code that the reference lists for other actions only probably means the same: the message says 'probably'. "
    "'Too frequent' is waited for all the same, but a start is not sent again for it. Such a guess never "
    "ends the run, and never counts as gone."
)
HOST = "rtc-api.zego.im"


def _rows(head, rows, widths):
    """Yield a list-table."""
    yield from (".. list-table::", "  :header-rows: 1", f"  :widths: {' '.join(map(str, widths))}", "")
    for row in (head, *rows):
        for number, cell in enumerate(row):
            yield f"  {'* -' if not number else '  -'} {cell}".rstrip()
    yield ""


def _grouped(rows):
    """Join the first cells of rows that have all else in common."""
    groups = {}
    for first, *rest in rows:
        groups.setdefault(tuple(rest), []).append(first)
    return [(", ".join(firsts), *rest) for rest, firsts in groups.items()]


def _title(text, mark):
    yield from (text, mark * len(text), "")


def _do(code, row):
    return RETRIED if code in codes.RETRY_FIRST else POLICIES[row.policy]


CODE_HEAD = ("Code", "It means", "The module", "You")
CODE_WIDTHS = (14, 22, 32, 32)


def _code_table(rows):
    """Yield the table of {code: row}; codes that mean the same share a row."""
    listed = [(f"``{code}``", row.meaning, _do(code, row), row.advice) for code, row in sorted(rows.items())]
    yield from _rows(CODE_HEAD, _grouped(listed), CODE_WIDTHS)


def _api():
    yield from _title("The API's codes", "-")
    yield from (CODES_INTRO, "")
    yield from _title("Every action", "~")
    yield from _code_table(codes.COMMON_CODES)
    for family, title in FAMILIES.items():
        yield from _title(title, "~")
        actions = [f"``{action}``" for action, own in codes.FAMILY_OF.items() if own == family]
        yield from (f"{', '.join(actions)}.", "")
        rows = codes.FAMILIES[family]
        if family == codes.MODERATION:
            yield from ("The codes of rooms count here as well. Its own:", "")
            rows = {code: row for code, row in rows.items() if code not in codes.FAMILIES[codes.ROOMS]}
        yield from _code_table(rows)
    yield from _title("One action", "~")
    yield from ("These mean something of their own in a reply to one action:", "")
    rows = [
        (f"``{code}``", action, row.meaning, _do(code, row), row.advice)
        for action, own in codes.PAGE_CODES.items()
        for code, row in sorted(own.items())
    ]
    yield from _rows(("Code", "Action", "It means", "The module", "You"), _grouped(rows), (10, 22, 20, 24, 24))
    yield from _title("Any other code", "~")
    unknown = (
        ("another ``1000000xx``", codes.explain(100000099)),
        ("of an action above", codes.explain(4711)),
        ("of an action that is not above", codes.explain(4711, "")),
    )
    rows = [(name, row.meaning, _do(4711, row), row.advice) for name, row in unknown]
    yield from _rows(CODE_HEAD, rows, CODE_WIDTHS)
    yield from (OTHER_ACTIONS, "")


def _error(status, text=""):
    return replies.read_reply(replies.HttpAnswer(status, text, None, None))


def _statuses():
    yield from _title("No reply of the API, but an HTTP status", "-")
    yield from (
        "The API answers everything with HTTP 200. "
        "Any other status comes from something on the way: a proxy, a gateway, a wrong address.",
        "",
    )
    found = {name: _error(status) for name, status in STATUSES.items()}
    rows = [
        (f"``HTTP {name}``" if name[0].isdigit() else name, ERRORS[type(error)], error.advice)
        for name, error in found.items()
    ]
    yield from _rows(("Code", "The module", "You"), _grouped(rows), (16, 42, 42))


def _network():
    """What the HTTP libraries raise, and what the transport makes of it."""
    untrusted = ssl.SSLCertVerificationError()
    untrusted.verify_message = "self-signed certificate"
    pool = urllib3.HTTPSConnectionPool(HOST)
    raised = (
        wire.NoConnection(socket.gaierror()),
        wire.NoConnection(urllib3.exceptions.NewConnectionError(pool, "")),
        wire.NoConnection(urllib3.exceptions.ConnectTimeoutError()),
        wire.NoConnection(ssl.SSLError()),
        untrusted,
        requests.exceptions.InvalidURL(),
        requests.exceptions.ReadTimeout(),
        ConnectionResetError(),
    )
    transport = _transport.RequestsTransport(f"https://{HOST}/", 10, True, pool_size=1)
    yield from _title("No reply at all", "-")
    met = [transport._failure(error) for error in raised]
    met += [_error(200, "<html>"), _error(200, "[]")]
    rows = [(error.reason[0].upper() + error.reason[1:], ERRORS[type(error)], error.advice) for error in met]
    yield from _rows(("What happened", "The module", "You"), rows, (36, 32, 32))


def _vendor(vendor):
    yield from _title(f"{vendor}{' (Wangsu)' if vendor == 'Ws' else ''}", "~")
    rows, seen = [], {}
    for row in vendors.VENDOR_CODES[vendor]:
        seen.setdefault((row.meaning, row.kind, row.message), []).append(f"``{row.code}``" if row.code else "(empty)")
    for (key, kind, message), names in seen.items():
        meaning, stop, start = MEANINGS[key]
        if key == vendors.TRANSIENT and vendor not in vendors.ANSWERS_REPEATED_START:
            start = UNKNOWN_START
        code = ", ".join(names)
        if message:
            code += f" with {' or '.join(f'``{part}``' for part in message)} in the message"
        if kind == "not_found":
            stop = NOT_FOUND
        if key == vendors.UNEXPLAINED and vendor == "Ws":
            start = UNKNOWN_START
        if key in (vendors.FAILED, vendors.UNEXPLAINED):
            meaning = f"{meaning}: {kind.replace('_', ' ')}"
        rows.append((code, meaning, stop, start))
    start = "``failed``" if vendor in vendors.ANSWERS_REPEATED_START else UNKNOWN_START
    rows.append(("any other", "not clear: unexplained", MEANINGS[vendors.UNEXPLAINED][1], start))
    rows.append((NOT_FOUND_CODES, "not clear: unexplained", NOT_FOUND, start))
    rows.append(("no entry for the stream", "missing", "sent again, up to ``retries``", "``unknown``"))
    yield from _rows(("Code", "It means", "A stop", "A start"), rows, (34, 22, 24, 20))


def _advice():
    yield from _title("Advice", "~")
    yield from ("This is what ``message`` advises for each of these kinds:", "")
    rows = [(kind, text.format(vendor="the vendor")) for kind, text in vendors.ADVICE.items()]
    yield from _rows(("Kind", "What to do"), [(kind, text[0].upper() + text[1:]) for kind, text in rows], (20, 80))


def tables():
    """Return all tables as text."""
    lines = [*_api(), *_statuses(), *_network(), *_title("The vendors' codes for one stream", "-")]
    lines += ["The first row that matches counts. ``*`` and ``[0-9]`` stand for what they stand for in a shell.", ""]
    for vendor in vendors.VENDORS:
        lines += _vendor(vendor)
    return "\n".join([*lines, *_advice()])


def mended(page, made):
    """Return the page with the tables as they have to be."""
    head, _begin, rest = page.partition(BEGIN)
    _old, end, tail = rest.partition(END)
    if not end:
        raise SystemExit(f"{PAGE} has no place for the tables")
    return f"{head}{BEGIN}\n{made}\n{END}{tail}"


def pages():
    """Return {page: its tables}."""
    made = tables()
    return {PAGE: made, CHINESE_PAGE: codes_page_zh.in_chinese(made, CHINESE.told) + "\n"}


def main():
    """Mend the pages, or tell whether they are in step."""
    for path, made in pages().items():
        page = path.read_text(encoding="utf-8")
        new = mended(page, made)
        if "--check" not in sys.argv[1:]:
            path.write_text(new, encoding="utf-8")
        elif new != page:
            sys.exit(f"{path.relative_to(ROOT)} is not in step with the code: {COMMAND}")


if __name__ == "__main__":
    main()
