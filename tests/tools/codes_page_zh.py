# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The tables of codes_page.py in Chinese, line by line, by the English of each cell.

What codes mean, and the advice, is what the Chinese report says.
"""

from __future__ import annotations

import re
import unicodedata

KINDS = {
    "account": "账号",
    "quota": "配额",
    "permission": "权限",
    "configuration": "配置",
    "transient": "临时故障",
    "throttled": "过于频繁",
    "absent": "不存在",
    "not_recording": "未在录制",
    "running": "仍在录制",
    "ambiguous": "含义不唯一",
    "not_found": "未找到",
    "unexplained": "未说明",
    "missing": "应答中没有",
    "unknown": "未知",
    "partial": "部分成功",
}
TEXTS = {
    # Titles and what stands below them.
    "The API's codes": "API 的错误码",
    "ZEGO numbers its codes for each family of actions: Code ``3`` is 'permission not enabled' in a reply about "
    "recordings, and 'input too long' in one about rooms.": (
        "ZEGO 按接口类别给错误码编号：同样是 Code ``3``，在录制的应答里是「未开通权限」，在房间的应答里是「输入过长」。"
    ),
    "Every action": "所有接口",
    "Recordings and recorded files": "录制和录制文件",
    "Rooms": "房间",
    "Relays, and bans of streams": "转推，以及禁止推流",
    "Mixing and transcoding": "混流和转码",
    "Moderation": "内容审核",
    "Cloud recording": "云端录制",
    "The codes of rooms count here as well. Its own:": "房间的错误码在这里同样有效。它自己的错误码：",
    "One action": "单个接口",
    "These mean something of their own in a reply to one action:": "下面的错误码在某一个接口的应答里另有含义：",
    "Any other code": "其他错误码",
    "A code that the reference lists for other actions only probably means the same: the message says 'probably'. "
    "'Too frequent' is waited for all the same, but a start is not sent again for it. Such a guess never "
    "ends the run, and never counts as gone.": (
        "文档只为其他接口列出的错误码，含义很可能相同：消息会写明「可能」。「过于频繁」照样会等待，但不会因此重发开始请求。"
        "这样的推测不会结束运行，也不会被当作「已不存在」。"
    ),
    "No reply of the API, but an HTTP status": "不是 API 的应答，而是 HTTP 状态",
    "The API answers everything with HTTP 200. Any other status comes from something on the way: a proxy, a gateway, a "
    "wrong address.": "API 对一切请求都回答 HTTP 200。其他状态来自途中的某处：代理、网关，或错误的地址。",
    "No reply at all": "没有任何应答",
    "The vendors' codes for one stream": "厂商对单条流的错误码",
    "The first row that matches counts. ``*`` and ``[0-9]`` stand for what they stand for in a shell.": (
        "以第一个匹配的行为准。``*`` 和 ``[0-9]`` 的含义与 shell 中相同。"
    ),
    "Tencent": "Tencent（腾讯云）",
    "Ws (Wangsu)": "Ws（网宿）",
    "Huawei": "Huawei（华为云）",
    "Aliyun": "Aliyun（阿里云）",
    "Advice": "处理办法",
    "This is what ``message`` advises for each of these kinds:": "对每一类情况，``message`` 的建议是：",
    # The heads of the tables.
    "Code": "错误码",
    "It means": "含义",
    "The module": "模块的做法",
    "You": "你该做什么",
    "Action": "接口",
    "What happened": "发生了什么",
    "A stop": "停止时",
    "A start": "开始时",
    "Kind": "类别",
    "What to do": "处理办法",
    # What the modules do about it.
    "Ends the run at once.": "立即结束运行。",
    "Ends the run once three requests met it (and of recordings, three streams alone) and none was accepted. Else one "
    "stream may be the cause: takes the request apart, and only what is refused alone fails.": (
        "三个请求都遇到它（录制操作还要有三条单独发送的流也遇到它）而且没有任何请求被接受时，结束运行。"
        "否则原因可能是某一条流：拆开请求，只有单独被拒绝的才算失败。"
    ),
    "Takes the request apart, where it holds several streams or files, until the culprit stands alone. Only that one "
    "fails. A start goes for each stream alone, once.": (
        "请求含有多条流或多个文件时拆开它，直到找出有问题的那一个，只有它算失败。开始请求对每条流单独发送一次。"
    ),
    "Slows down and sends it again, for up to ``rate_limit_timeout`` seconds without progress.": (
        "放慢速度并重发，直到 ``rate_limit_timeout`` 秒内没有任何进展。"
    ),
    "Corrects its clock by the reply's ``Date``, by a day at most, and sends it again. If that does not help, the run "
    "ends.": "按应答的 ``Date`` 校正时钟（最多一天）并重发。仍然无效时结束运行。",
    "Sends it again, but never a start, which is ``unknown``, nor another action that does harm when done twice.": (
        "重发，但开始请求不重发（结果是 ``unknown``），重复执行会有害的其他接口也不重发。"
    ),
    "``zego_room``, ``zego_stream_info`` and ``zego_media_info`` take it as gone. Any other module fails for it; in "
    "``zego_api`` list it in ``ok_codes`` where that is fine.": (
        "``zego_room``、``zego_stream_info`` 和 ``zego_media_info`` 认为它已不存在。其他模块算失败；"
        "使用 ``zego_api`` 时，如果这没有问题，请把它列入 ``ok_codes``。"
    ),
    "Fails what it is about: a stop of several streams is taken apart until the culprit stands alone. A start that met "
    "it is ``unknown``.": (
        "相关的对象算失败：停止多条流的请求会拆开，直到找出有问题的那一条。遇到它的开始请求结果是 ``unknown``。"
    ),
    "Sends it again, up to ``retries``, but never a start, which is ``unknown``. If that does not help, the run "
    "ends.": ("最多重发 ``retries`` 次，但开始请求不重发（结果是 ``unknown``）。仍然无效时结束运行。"),
    "Sends it again, up to ``retries``. A start is not sent again: it is ``unknown``.": (
        "最多重发 ``retries`` 次。开始请求不重发，结果是 ``unknown``。"
    ),
    "Sends it again, up to ``retries``, a start too: it never left.": (
        "最多重发 ``retries`` 次，开始请求也一样：它根本没有发出去。"
    ),
    # The rows for what no table names.
    "another ``1000000xx``": "其他 ``1000000xx``",
    "of an action above": "上面列出的接口",
    "of an action that is not above": "上面没有列出的接口",
    "``HTTP 400``, another 4xx": "``HTTP 400``，其他 4xx",
    "any other": "其他",
    "any other that ends in ``NotFound`` or ``NotExist``, or whose message says that the stream or its task does not "
    "exist, and that names nothing else": (
        "其他以 ``NotFound`` 或 ``NotExist`` 结尾的，或者消息说流或其任务不存在、而且没有提到别的东西的"
    ),
    "no entry for the stream": "没有这条流的条目",
    "(empty)": "（空）",
    # What a vendor's code means, and what that comes to.
    "success": "成功",
    "nothing is being recorded": "没有在录制",
    "is being recorded": "正在录制",
    "too frequent": "过于频繁",
    "internal error": "内部错误",
    "``stopped``, or ``already_stopped`` where the ledger remembers it": (
        "``stopped``；账本中有停止记录时是 ``already_stopped``"
    ),
    "``already_stopped`` (``stopped`` after a lost answer)": "``already_stopped`` （应答丢失之后是 ``stopped``）",
    "``already_stopped`` where the ledger remembers a stop, else ``failed``": (
        "账本中有停止记录时是 ``already_stopped``，否则是 ``failed``"
    ),
    "sent again, a little later": "稍后重发",
    "sent again, up to ``retries``": "最多重发 ``retries`` 次",
    "``unknown``: it may have been done": "``unknown``：可能已经执行",
}
MEANINGS = {"refused": "被拒绝", "not clear": "不明确"}
_CELL = re.compile(r"(  \* - |    - )(.*)")
_WITH = re.compile(r"(``.*``) with (``.*``) in the message")
_MEANS = re.compile(r"(refused|not clear): (.+)")
_UNDERLINE = re.compile(r"([-~])\1+")


def has_words(text):
    """Tell whether a text has words beside literals, the names of actions and HTTP statuses."""
    rest = re.sub(r"``[^`]*``", "", text)
    return bool(re.search(r"[A-Za-z]", re.sub(r"\b[A-Z]\w+(?:[A-Z]\w+)+|\b[3-5]xx\b", "", rest)))


def is_chinese(text):
    """Tell whether a text has a Chinese character."""
    return bool(re.search(r"[\u4e00-\u9fff]", text))


def of_cell(text, told):
    """Return a cell, a title or a paragraph in Chinese. ``told`` translates what the modules say."""
    if text in TEXTS:
        return TEXTS[text]
    if text in KINDS:
        return f"{KINDS[text]}（{text}）"
    with_message, means = _WITH.fullmatch(text), _MEANS.fullmatch(text)
    if with_message:
        return f"{with_message[1]}，消息中含有 {with_message[2].replace(' or ', ' 或 ')}"
    if means:
        return f"{MEANINGS[means[1]]}：{KINDS[means[2].replace(' ', '_')]}"
    if not has_words(text):
        return text
    # A table begins its cells with a capital, and knows of no vendor in particular.
    plain = re.sub(r"\b[Tt]he vendor\b(?!')", "Vendor", text)
    for attempt in (text, text[0].lower() + text[1:], plain, plain[0].lower() + plain[1:]):
        put = told(attempt)
        if is_chinese(put):
            return re.sub(" ?Vendor ?", "厂商", put)
    raise ValueError(f"codes_page_zh.py has no Chinese for: {text}")


def _width(text):
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def in_chinese(text, told):
    """Return all tables in Chinese."""
    lines = []
    for line in text.splitlines():
        cell = _CELL.fullmatch(line)
        if cell:
            lines.append(cell[1] + of_cell(cell[2], told))
        elif _UNDERLINE.fullmatch(line):
            lines.append(line[0] * _width(lines[-1]))
        elif not line.strip() or line.startswith((".. ", "  :", "    -")):
            lines.append(line)
        else:
            lines.append(of_cell(line, told))
    return "\n".join(lines)
