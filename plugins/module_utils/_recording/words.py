# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reads a vendor's free text about one stream. Pure.

The text may quote the stream's name, and anybody who publishes chooses that name: 'x-StreamNotFound' is a legal one. So
the name is taken out before the text is read, a part of it counts only as a whole word, and what is in doubt says
nothing.
"""

from __future__ import annotations

import html
import json
import re
from typing import Iterable
from urllib.parse import quote, quote_plus

from ansible_collections.zego.cloud.plugins.module_utils._api.replies import one_line

# What a table of codes can ask of a message beside a code. The sentences are read with and without the stream's name:
# 'The stream does not exist', "stream 'stage-1' not found".
STREAM_MISSING = "stream does not exist"
TASK_MISSING = "stream or task does not exist"
RECORDING_MISSING = "recording, stream or task does not exist"
TASK_STARTED = "Task has already started"

# The whole message is read; it is only cut where it is shown.
_LENGTH = 100_000
# Stands where the stream's name was. It counts as a part of a word: what touches it does not become a word of its own.
_NAME = "\ufffc"
# What a word may hold: 'X.StreamNotFound' and 'x-StreamNotFound' are other words than 'StreamNotFound'.
_INNER = r"\w.\-~@/+%&#$*^\\" + _NAME
_BEGIN = rf"(?<![{_INNER}])"
_END = rf"(?![{_INNER.replace('.', '')}]|\.\w)"
# Where a name may begin and end: in 'live/stage-1', too. To take out too much is safe, see _NAME.
_NAME_BEGIN = rf"(?<![\w.\-~+%{_NAME}])"
_NAME_END = rf"(?![\w\-~+%{_NAME}]|\.\w)"
# A name of these characters only is one word in any text. Others can hold what ends a word, also once it is escaped.
_PLAIN = re.compile(r"[A-Za-z0-9_.\-~@/+]+")
# In the test environment the API puts this before the name.
_TEST_PREFIX = r"(?:zegotest-\d+-)?"

# 'The configuration of the stream does not exist' does not say that the stream does not: the sentence begins with it.
# A dot inside of a word is none: 'live.stream' may be a domain.
_CLAUSE = r"(?:^|\.\s+|[:;,!?()\[\]{}'\"|]\s*)(?:(?:the|this|such|specified|requested|given|current|live) )*"
_OF_NAME = rf"(?: (?:name|id))?(?:(?: of)?(?: the)?(?: stream)?:? ?['\"\[(<]?{_NAME}['\"\])>]?)?"
_MISSING = r"(?:(?:does|do|did) not exist|doesn't exist|(?:is |was )?not exists?|(?:(?:is|was|were) )?not found)"
_SENTENCES = {
    STREAM_MISSING: rf"{_CLAUSE}stream{_OF_NAME} {_MISSING}",
    # 'record' alone is a row of a table at Tencent.
    TASK_MISSING: rf"{_CLAUSE}(?:record(?:ing)? )?(?:stream|task){_OF_NAME} {_MISSING}",
    RECORDING_MISSING: rf"{_CLAUSE}(?:record(?:ing)?|(?:record(?:ing)? )?(?:stream|task)){_OF_NAME} {_MISSING}",
    TASK_STARTED: rf"{_CLAUSE}(?:record(?:ing)? )?task{_OF_NAME} (?:has )?already (?:been )?started",
}
_PATTERNS = {sentence: re.compile(rf"{pattern}\b", re.IGNORECASE) for sentence, pattern in _SENTENCES.items()}

# What a vendor may miss instead of the stream. English words and parts of codes, and the Chinese ones for domain,
# configuration, template, account and permission.
_OTHER_THINGS = re.compile(
    r"domain|config|template|account|permission|authori[sz]|bucket|certificate|vhost|watermark"
    r"|\b(?:apps?|applications?|users?|rules?|projects?|tenants?|hosts?|regions?|callbacks?|files?|url)\b"
    "|域名|配置|模板|账号|帐号|权限",
    re.IGNORECASE,
)
_CLAUSE_ENDS = re.compile(r"[:;,!?，。；：]\s*|\.(?:\s+|$)")
_PREDICATE = re.compile(rf"\b{_MISSING}\b|不存在|未找到|找不到", re.IGNORECASE)
# What may stand before it where the stream or its task is meant: these words,
_STREAM = frozenset("stream task record recording 流 直播流 任务 录制 录制任务".split())
# these, which say nothing,
_GENERIC = frozenset(
    "the this such a specified requested given current live resource id name it error 404 资源".split()
)
# and whatever follows one of these.
_OF = frozenset("of in on for at under with by".split())
# The words of a code such as 'InvalidParameter.TaskNotExist' beside its ending.
_CODE_WORDS = frozenset(
    "Resource Failed Operation Invalid Internal Error Parameter Unavailable Live Stream Task Record Id".split()
)
_NOT_FOUND = re.compile(r"([A-Za-z.]*?)Not(?:Found|Exists?)")


def _forms(name: str) -> set[str]:
    """Return a name as a text may quote it: as it is, in a URL, in HTML, in JSON."""
    ascii_json, json_text = (json.dumps(name, ensure_ascii=only)[1:-1] for only in (True, False))
    raw = name.encode("utf-8", "surrogatepass")
    escaped = html.escape(name)
    return {
        name,
        quote(raw, safe=""),
        quote(raw, safe="/"),
        quote_plus(raw),
        quote(quote(raw, safe=""), safe=""),
        escaped,
        escaped.replace("&#x27;", "&#39;"),
        escaped.replace("&#x27;", "&apos;"),
        html.escape(name, quote=False),
        ascii_json,
        json_text,
        ascii_json.replace("/", "\\/"),
        json_text.replace("/", "\\/"),
    }


def _without(text: str, names: Iterable[str]) -> str:
    """Return the text with a mark in place of each of these names, in whatever form it quotes them."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        forms = sorted(map(re.escape, filter(None, _forms(name))), key=len, reverse=True)
        pattern = _TEST_PREFIX + f"(?:{'|'.join(forms)})"
        # Without this, a stream named 'a' would take the letter out of every word.
        if _PLAIN.fullmatch(name):
            pattern = _NAME_BEGIN + pattern + _NAME_END
        text = re.sub(pattern, _NAME, text, flags=re.IGNORECASE)
    return text


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


class Message:
    """What a vendor says about one stream. ``names``: the stream's, as the reply and as the user spell it."""

    def __init__(self, text: str | None, names: Iterable[str]) -> None:
        self._names = tuple(dict.fromkeys(names))
        self._raw = (text or "")[:_LENGTH]
        self.shown = one_line(self._raw, _LENGTH)
        self._read: str | None = None

    @property
    def _text(self) -> str:
        # Only where it is asked for: most answers are understood by their code.
        if self._read is None:
            # The name goes first, since it may hold characters that one_line replaces.
            self._read = one_line(_without(self._raw, self._names), _LENGTH) if self._raw else ""
        return self._read

    def says(self, what: str) -> bool:
        """Tell whether the message says ``what``: a code, or one of the sentences above."""
        pattern = _PATTERNS.get(what)
        if pattern is None:
            pattern = re.compile(_BEGIN + re.escape(what) + _END, re.IGNORECASE)
        found = pattern.search(self._text)
        # Of a sentence about the stream, the rest may still be about something else.
        if found is None or (what in _PATTERNS and self.names_another_thing()):
            return False
        return not self._may_be_name(found.group())

    def words(self, pattern: str) -> list[str]:
        """Return the words of the message that match ``pattern``, in order, each once."""
        found = re.findall(_BEGIN + f"({pattern})" + _END, self._text, re.IGNORECASE)
        return [word for word in dict.fromkeys(found) if not self._may_be_name(word)]

    def names_another_thing(self) -> bool:
        """Tell whether the message names a domain, a configuration or the like."""
        return _OTHER_THINGS.search(self._text) is not None or self._name_is_a_thing()

    def misses_another_thing(self) -> bool:
        """Tell whether the message says, or may say, that something does not exist which is not the stream."""
        subjects = self._missing()
        if not subjects:
            return self.names_another_thing()
        return self._name_is_a_thing() or not all(map(_is_stream, subjects))

    def misses_a_configuration(self) -> bool:
        """Tell whether the message says that a domain, a configuration or the like does not exist."""
        others = [subject for subject in self._missing() if not _is_stream(subject)]
        return self._name_is_a_thing() or any(map(_OTHER_THINGS.search, others))

    def _missing(self) -> list[str]:
        """Return what does not exist, in the words of the message: what stands before each 'does not exist'."""
        found = [(clause, _PREDICATE.search(clause)) for clause in _CLAUSE_ENDS.split(self._text)]
        return [clause[: match.start()] for clause, match in found if match is not None]

    def _name_is_a_thing(self) -> bool:
        """Tell whether the name may be what the vendor means: a stream may be called 'configuration'."""
        return _NAME in self._text and any(name.isalpha() and _OTHER_THINGS.search(name) for name in self._names)

    def _may_be_name(self, part: str) -> bool:
        """Tell whether a part may come from the name, quoted in a form that nobody knows: cut, or escaped oddly."""
        # A name with spaces may be quoted as a whole in one place, and in pieces in another.
        quotes_name = _NAME in self._text
        return any(
            _letters(part) in _letters(name) for name in self._names if not quotes_name or any(map(str.isspace, name))
        )


def _is_stream(subject: str) -> bool:
    """Tell whether what does not exist is the stream or its task, or is not named."""
    has_noun = False
    for token in subject.split():
        word = token.strip("'\"()[]<>`").lower()
        if _NAME in word or word in _OF:
            # 'The stream of domain d' is a stream, 'the resource of domain d' may be anything.
            return has_noun or _OTHER_THINGS.search(subject) is None
        if word not in _STREAM and word not in _GENERIC:
            return False
        has_noun = has_noun or word in _STREAM
    return True


def is_shaped_like_not_found(code: str, message: Message) -> bool:
    """Tell whether an undocumented answer says that the stream or its task does not exist: by its code or in words."""
    if message.says(RECORDING_MISSING):
        return True
    match = _NOT_FOUND.fullmatch(code)
    if match is None or message.misses_another_thing():
        return False
    # 'ResourceNotFound.DomainNotExist' is about a domain.
    return all(word in _CODE_WORDS for word in re.findall(r"[A-Z][a-z]*|[a-z]+", match.group(1)))
