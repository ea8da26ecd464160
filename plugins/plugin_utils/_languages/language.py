# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says in another language what this collection says in English. Pure.

The English sentence, with its placeholders, is the key of a row. What a person writes for a form is looked up by it.
What a module said is matched with it, sentence by sentence, so that the modules need to know of no other language. What
no row matches, such as the words of a vendor, stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Mapping, NamedTuple

from ansible_collections.zego.cloud.plugins.plugin_utils._languages.zh_codes import ADVICE, MEANINGS
from ansible_collections.zego.cloud.plugins.plugin_utils._languages.zh_forms import FORMS
from ansible_collections.zego.cloud.plugins.plugin_utils._languages.zh_messages import CLAUSES, MESSAGES
from ansible_collections.zego.cloud.plugins.plugin_utils._text import duration

# What is longer was not made of our sentences, and would take long to match: a whole message, a sentence of it, and the
# ends of sentences in what one of ours quotes.
_LONGEST_MESSAGE, _LONGEST, _MOST_ENDS = 5000, 600, 6
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SENTENCE_END = re.compile(r"(?<=[.?!]) ")
# What a placeholder stands for, by its name; for the others it is text within one sentence. What is 'told' or 'listed'
# is translated, too.
_KINDS = {
    # What others wrote may have any sentences in it.
    **dict.fromkeys(("name", "path", "room", "said", "stream", "streams"), r".+?"),
    **dict.fromkeys(("count", "total", "more", "position"), r"\d+"),
    "number": r"-?\d+",
    "vendor": r"[\w-]+",
    "code": r"\S+",
    "action": r"\w+",
}
_WITHIN_A_SENTENCE = r"(?:(?![.?!] ).)+?"
_TOLD, _LISTED = "told", "listed"
# What an English clause ends with where it stands inside a sentence, and a sentence in the table does not.
_STOP, _CHINESE_STOP = ".", "。"
_LISTS = (("; ", "；"), (", ", "，"))


class _Row(NamedTuple):
    pattern: re.Pattern[str]
    instead: str


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(sentence)
    seen: set[str] = set()
    for position in range(0, len(parts), 2):
        parts[position] = re.escape(parts[position])
    for position in range(1, len(parts), 2):
        name = parts[position]
        parts[position] = f"(?P={name})" if name in seen else f"(?P<{name}>{_KINDS.get(name, _WITHIN_A_SENTENCE)})"
        seen.add(name)
    return re.compile("".join(parts))


def placeholders(sentence: str) -> list[str]:
    """Return the names of the placeholders in a sentence, sorted, each once."""
    return sorted(set(_PLACEHOLDER.findall(sentence)))


class Language:
    """What forms and messages are in one language. This is English: everything is what it is."""

    code = "en"
    # For the attribute lang of a page.
    tag = "en"
    # What stands between the names in a list, and between the clauses of a sentence.
    comma = ", "
    then = ", "
    besides = "; "
    stop = "."

    def text(self, sentence: str, **values: Any) -> str:
        """Return a sentence of a form, with these values."""
        return sentence.format(**values) if values else sentence

    def count(self, one: str, many: str, count: int, **values: Any) -> str:
        """Return a sentence about ``count`` things: ``one`` for a single one, ``many`` for any other number."""
        return self.text(one if count == 1 else many, count=count, **values)

    def told(self, message: Any) -> str:
        """Return what a module or the role said."""
        return "" if message is None else str(message)

    def listed(self, summary: Any) -> str:
        """Return a list of counts, such as ``2 stopped, 1 failed``."""
        return self.told(summary)

    def vendor(self, name: Any) -> str:
        """Return the name of a vendor as the API spells it, with the one that people know it by."""
        return "Ws (Wangsu)" if name == "Ws" else str(name)

    def outcome(self, outcome: Any) -> str:
        """Return an outcome as the data has it: in English it is a word of its own."""
        return str(outcome)

    def duration(self, seconds: Any) -> str:
        """Return seconds for people."""
        return duration(seconds)


class _Translated(Language):
    """Another language. ``rows``: by the English sentence; ``rows`` of messages are matched as well."""

    def __init__(self, code: str, tag: str, *, forms: Mapping[str, str], messages: Mapping[str, str]) -> None:
        self.code, self.tag = code, tag
        self._forms = dict(forms)
        self._messages = dict(messages)
        self._rows = [_Row(_pattern(sentence), instead) for sentence, instead in messages.items() if "{" in sentence]
        self._told = lru_cache(maxsize=4096)(self._put)

    def text(self, sentence: str, **values: Any) -> str:
        return super().text(self._forms.get(sentence, sentence), **values)

    def count(self, one: str, many: str, count: int, **values: Any) -> str:
        return self.text(many, count=count, **values)

    def outcome(self, outcome: Any) -> str:
        return self.text(str(outcome).replace("_", " "))

    def told(self, message: Any) -> str:
        return self._told(" ".join(("" if message is None else str(message)).split()))

    def listed(self, summary: Any) -> str:
        return self._list(str(summary or ""), _LISTS)

    def _list(self, text: str, separators: tuple[tuple[str, str], ...]) -> str:
        whole = self._clause(text)
        if whole is not None or not separators:
            return text if whole is None else whole
        (separator, instead), *rest = separators
        return instead.join(self._list(part, tuple(rest)) for part in text.split(separator))

    def _put(self, text: str) -> str:
        """Return a message sentence by sentence; the shortest beginning that is a sentence of ours comes first."""
        if len(text) > _LONGEST_MESSAGE:
            return text
        told = ""
        while text:
            head, text = self._first(text)
            # English is set off from what follows, Chinese from nothing.
            told += f" {head}" if told[-1:].isascii() and told else head
        return told

    def _first(self, text: str) -> tuple[str, str]:
        """Return the first sentence in this language, or as it is, and the rest of the text."""
        ends = [found.start() for found in _SENTENCE_END.finditer(text)] + [len(text)]
        for end in ends[:_MOST_ENDS]:
            part = text[:end]
            put = self._sentence(part) if part.endswith(_STOP) else self._clause(part)
            if put is not None:
                return put, text[end:].lstrip()
        return text[: ends[0]], text[ends[0] :].lstrip()

    def _sentence(self, text: str) -> str | None:
        if text in self._messages:
            return self._messages[text]
        if len(text) > _LONGEST:
            return None
        for row in self._rows:
            found = row.pattern.fullmatch(text)
            if found:
                return row.instead.format(**{name: self._value(name, it) for name, it in found.groupdict().items()})
        return None

    def _value(self, name: str, value: str) -> str:
        if name.endswith(_LISTED):
            return self.listed(value)
        if not name.endswith(_TOLD):
            return value
        clause = self._clause(value)
        return clause if clause is not None else self._put(value)

    def _clause(self, text: str) -> str | None:
        """Return what stands inside of a sentence, None where no row is about it."""
        if text in self._messages:
            return self._messages[text]
        put = self._sentence(text)
        if put is None and not text.endswith(_STOP):
            put = self._sentence(text + _STOP)
        return put if put is None else put.rstrip(_CHINESE_STOP)


class _Chinese(_Translated):
    comma = "、"
    then = "，"
    besides = "；"
    stop = "。"

    def vendor(self, name: Any) -> str:
        return "Ws（网宿）" if name == "Ws" else str(name)

    def duration(self, seconds: Any) -> str:
        text = duration(seconds)
        for unit, instead in (("h", "小时"), ("min", "分"), ("s", "秒")):
            text = re.sub(rf" {unit}\b", f" {instead}", text)
        return text


ENGLISH = Language()
CHINESE = _Chinese("zh", "zh-CN", forms=FORMS, messages={**MEANINGS, **ADVICE, **CLAUSES, **MESSAGES})
LANGUAGES = {language.code: language for language in (ENGLISH, CHINESE)}


def in_language(report: dict[str, Any], language: Language) -> dict[str, Any]:
    """Return a report with its messages in a language. Whatever a program reads of it stays the same."""
    if language is ENGLISH:
        return report
    told = {**report, "warnings": [language.told(warning) for warning in report["warnings"]]}
    for key in ("failures", "streams", "discovery", "relays", "rooms"):
        told[key] = [_entry(entry, language) for entry in report[key]]
    if "preflight" in report:
        told["preflight"] = [language.told(line) for line in report["preflight"]]
    titles = {step["title"] for step in report["timeline"]}
    for failure in told["failures"]:
        # A step that failed as a whole is named by its title.
        if failure["name"] in titles:
            failure["name"] = language.text(failure["name"])
    told["timeline"] = [
        {**step, "title": language.text(step["title"]), "summary": language.listed(step["summary"])}
        for step in report["timeline"]
    ]
    return told


def _entry(entry: dict[str, Any], language: Language) -> dict[str, Any]:
    told = dict(entry)
    if entry.get("message"):
        told["message"] = language.told(entry["message"])
    for key in ("files_missing", "files_incomplete"):
        if entry.get(key):
            told[key] = _entry(entry[key], language)
    return told
