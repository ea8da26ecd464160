# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In Chinese: what the modules and the role say in their messages, one sentence a row.

A row begins and ends with its sentence: where a message has several, each has a row. See language.py for the
placeholders.
"""

from __future__ import annotations

# What stands inside of other sentences, and the items of the lists in which steps are summed up.
CLAUSES = {
    "expected: {summary_told}": "预计：{summary_told}",
    "skipped as asked": "按要求跳过",
    "nothing to do": "无需处理",
    "did not run": "未执行",
    "skipped in check mode": "检查模式下跳过",
    "{count} stopped": "{count} 条已停止",
    "{count} already stopped": "{count} 条此前已停止",
    "{count} failed": "{count} 个失败",
    "{count} not attempted": "{count} 个未尝试",
    "{count} unknown": "{count} 个未知",
    "unknown": "未知",
    "{count} skipped": "{count} 个已跳过",
    "{count} removed": "{count} 个转推已停止",
    "{count} already removed": "{count} 个转推此前已停止",
    "{count} closed": "{count} 个已关闭",
    "{count} already closed": "{count} 个此前已关闭",
    "{count} kept open": "{count} 个保留未关闭",
    "{count} started": "{count} 条已开始",
    "{count} already started": "{count} 条此前已开始",
    "{count} stream in {total} room": "{total} 个房间中有 {count} 条流",
    "{count} streams in {total} room": "{total} 个房间中有 {count} 条流",
    "{count} stream in {total} rooms": "{total} 个房间中有 {count} 条流",
    "{count} streams in {total} rooms": "{total} 个房间中有 {count} 条流",
    "{count} gone": "{count} 个已不存在",
    "{count} of {total} has a file": "{total} 条中有 {count} 条有文件",
    "{count} of {total} have a file": "{total} 条中有 {count} 条有文件",
    "{count} not whole": "{count} 条不完整",
    "{count} not recording, according to {vendor}": "{count} 条未在录制（据 {vendor}）",
    "{count} not recording, according to their vendors": "{count} 条未在录制（据各厂商）",
    "not recording, according to their vendors": "未在录制（据各厂商）",
    "its streams could not be listed": "无法列出其中的流",
    "stream {stream}, which was found in it, may still be recorded": "其中的流 {stream} 可能仍在录制",
    "the name that the API gave for the stream": "API 给出的流名",
    "a recording that runs already may be started, and paid, a second time": "正在进行的录制可能会再次开始并再次计费",
    "a repeated stop may be reported as changed, and a start left out of what it still remembers as running": (
        "重复的停止可能被报告为有变更，仍被记为录制中的流可能不会再次开始"
    ),
    "connection refused": "连接被拒绝",
}

MESSAGES = {
    # Where the report could not be written. The rest names files, and what the system said.
    "Not all of the report was written: {said}": "报告没有全部写出：{said}",
    "The report was not written: {said}": "报告没有写出：{said}",
    # What the API answered before the first step.
    "The API at {place} can be used: it accepts AppID and secret, and its quota is not used up.": (
        "{place} 的 API 可用：接受 AppID 和密钥，配额未用完。"
    ),
    "The API at {place} can be used: it accepts AppID and secret, this machine's clock is right, and its quota is not "
    "used up.": "{place} 的 API 可用：接受 AppID 和密钥，本机时钟准确，配额未用完。",
    "The API at {place} can be used: it accepts AppID and secret, this machine's clock is {seconds} s behind the "
    "API's, and its quota is not used up.": (
        "{place} 的 API 可用：接受 AppID 和密钥，本机时钟比 API 慢 {seconds} 秒，配额未用完。"
    ),
    "The API at {place} can be used: it accepts AppID and secret, this machine's clock is {seconds} s ahead of the "
    "API's, and its quota is not used up.": (
        "{place} 的 API 可用：接受 AppID 和密钥，本机时钟比 API 快 {seconds} 秒，配额未用完。"
    ),
    "{vendors}: this AppID may search for recorded files there.": "{vendors}：该 AppID 可以在那里查询录制文件。",
    "Whether a stop will be accepted, no call tells beforehand.": "没有接口能事先得知停止录制是否会被接受。",
    "{vendors}: not asked.": "{vendors}：未查询。",
    "The reference has no call for it that changes nothing.": "文档中没有不产生变更的接口可用。",
    "No call tells whether a vendor has been set up to record (a template), nor whether a stream is being recorded.": (
        "没有接口能得知厂商是否已配置录制（模板），也无法得知某条流是否正在录制。"
    ),
    "{vendors}: the search for recorded files failed, which says nothing about a stop.": (
        "{vendors}：查询录制文件失败，但这不能说明停止录制会不会被接受。"
    ),
    "The API at {place} answers, but does not say whether AppID and secret are right.": (
        "{place} 的 API 有应答，但没有说明 AppID 和密钥是否正确。"
    ),
    # What a vendor said.
    "{vendor} answered {code}.": "{vendor} 应答 {code}。",
    "{vendor} answered {code} ({said}).": "{vendor} 应答 {code}（{said}）。",
    "{vendor} answered {code}, which may mean something else; it was stopped at {time}, says the ledger.": (
        "{vendor} 应答 {code}，也可能另有含义；账本（ledger）显示它已于 {time} 停止。"
    ),
    "{earlier_told}; now {said_told}": "{earlier_told}；现在{said_told}",
    "it was stopped at {time}, says the ledger.": "账本（ledger）显示它已于 {time} 停止。",
    "an earlier attempt may have stopped it, but its answer was lost or had no entry for it.": (
        "先前的一次尝试可能已停止它，但应答丢失，或应答中没有它。"
    ),
    "the reply has no usable entry for this stream.": "应答中没有这条流的可用结果。",
    "not recording, according to {vendor}.": "未在录制（据 {vendor}）。",
    "not recording, according to {vendor}; it was stopped at {time}, says the ledger.": (
        "未在录制（据 {vendor}）；账本（ledger）显示它已于 {time} 停止。"
    ),
    "not recording, according to {vendor}, after an attempt whose answer was lost: that attempt most likely stopped "
    "it.": "未在录制（据 {vendor}）；此前一次尝试的应答丢失，很可能正是那次尝试停止了它。",
    "a start of another run crossed this stop, and which came last is not known.": (
        "另一次运行的开始与本次停止同时发出，先后不明。"
    ),
    "It may be recording: stop it again, unless that recording is wanted.": (
        "它可能正在录制：请再次停止它，除非需要这段录制。"
    ),
    "A start of another run, sent shortly before, may be carried out after this stop: stop it again to be sure.": (
        "另一次运行刚发出的开始可能在本次停止之后执行：为稳妥起见，请再次停止它。"
    ),
    "Its row in the ledger cannot be read.": "账本（ledger）中它的条目无法读取。",
    "Repair the ledger, set ledger to another one, or set ledger_required=false.": (
        "请修复账本，把 ledger 改为另一个，或设置 ledger_required=false。"
    ),
    # What the API said, or did not.
    "the API answered Code {code} ({meaning_told}).": "API 返回 Code {code}（{meaning_told}）。",
    "the API answered Code {code} ({meaning_told}): {said}.": "API 返回 Code {code}（{meaning_told}）：{said}。",
    "HTTP status {code} instead of a reply.": "收到 HTTP 状态 {code}，而不是 API 的应答。",
    "HTTP status {code} instead of a reply: redirects are not followed, since they would carry the signature "
    "elsewhere.": "收到 HTTP 状态 {code}，而不是 API 的应答：不跟随重定向，以免签名被带往别处。",
    "the answer is not readable JSON.": "应答不是可读的 JSON。",
    "the answer has no Code.": "应答中没有 Code。",
    "the answer has more than {total} MB.": "应答超过 {total} MB。",
    "Check api_url: this is no answer of the API.": "请检查 api_url：这不是 API 的应答。",
    "Check the network and the API's state, then run it again.": "请检查网络和 API 的状态，然后重新执行。",
    "Run it again; if it persists, check api_url and the state of the API.": (
        "请重新执行；若仍失败，请检查 api_url 和 API 的状态。"
    ),
    "Check api_url, and the proxies and gateways on the way.": "请检查 api_url，以及途中的代理和网关。",
    "Lower batch_size.": "请调小 batch_size。",
    "Check api_url.": "请检查 api_url。",
    "the certificate of {host} is not trusted ({said}).": "{host} 的证书不受信任（{said}）。",
    "Check api_url, or name the CA in ca_path.": "请检查 api_url，或用 ca_path 指定 CA。",
    "the name {host} cannot be resolved.": "无法解析域名 {host}。",
    "Check DNS, region and api_url.": "请检查 DNS、region 和 api_url。",
    "the proxy refuses to connect to {host}.": "代理拒绝连接 {host}。",
    "Check HTTPS_PROXY and its credentials.": "请检查 HTTPS_PROXY 及其凭据。",
    "no connection to {host} within {seconds} s.": "{seconds} 秒内未能连接 {host}。",
    "Check the network, proxies and firewalls.": "请检查网络、代理和防火墙。",
    "no TLS connection to {host}.": "无法与 {host} 建立 TLS 连接。",
    "Check api_url, and the proxies on the way.": "请检查 api_url 和途中的代理。",
    "no connection to {host}: connection refused.": "无法连接 {host}：连接被拒绝。",
    "no connection to {host}.": "无法连接 {host}。",
    "Nothing listens there, on this machine.": "本机的该端口没有服务在监听。",
    "Is the simulator or the gateway running?": "模拟器或网关启动了吗？",
    "Check the network, region, api_url, proxies and firewalls.": "请检查网络、region、api_url、代理和防火墙。",
    "the address of {host} is not usable.": "{host} 的地址不可用。",
    "no way to {host} by the proxy that the environment names.": "无法通过环境变量指定的代理到达 {host}。",
    "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY.": "请检查 HTTPS_PROXY、HTTP_PROXY 和 ALL_PROXY。",
    "the CA certificates cannot be read.": "无法读取 CA 证书。",
    "Check ca_path, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE.": ("请检查 ca_path、REQUESTS_CA_BUNDLE 和 CURL_CA_BUNDLE。"),
    "no answer within {seconds} s.": "{seconds} 秒内没有应答。",
    "the connection was reset before the answer came.": "收到应答前连接被重置。",
    "the TLS connection failed.": "TLS 连接失败。",
    "the answer was cut off.": "应答不完整，中途断开。",
    "the connection broke before the answer came ({kind}).": "收到应答前连接中断（{kind}）。",
    "the request failed on this machine ({kind}).": "请求在本机失败（{kind}）。",
    "an error on this machine ended it ({kind}).": "本机发生错误，提前结束（{kind}）。",
    "Check this machine's memory and limits, then run it again.": "请检查本机的内存和限制，然后重新执行。",
    "Run it again; if it persists, check this machine's memory and limits, and report it.": (
        "请重新执行；若仍失败，请检查本机的内存和限制，并反馈。"
    ),
    "not attempted, since the run ended early: {reason_told}.": "未尝试，因为运行提前结束：{reason_told}。",
    "the API does not answer ({reason_told}).": "API 没有应答（{reason_told}）。",
    "{reason_told}, and nothing else for {seconds} s.": "{reason_told}，且 {seconds} 秒内没有其他应答。",
    "it was interrupted by {signal}.": "运行被 {signal} 中断。",
    "the run was interrupted.": "运行被中断。",
    "Run it again: only what is left changes.": "请重新执行：只会处理剩下的部分。",
    "Run it again.": "请重新执行。",
    "the answer's Date is more than a day off this machine's clock ({seconds} s).": (
        "应答的 Date 与本机时钟相差超过一天（{seconds} 秒）。"
    ),
    "Set the clock (NTP).": "请校准时钟（NTP）。",
    "If it is right, check api_url and the gateways on the way.": "如果时钟无误，请检查 api_url 和途中的网关。",
    # Names.
    "It was not sent.": "未发送。",
    "It was not sent: correct the name, and run again.": "未发送：请更正名称，然后重新执行。",
    "It was not sent: stop it at {vendor}'s console.": "未发送：请在 {vendor} 控制台停止它。",
    "It was not sent: stop it at the vendor's console.": "未发送：请在厂商控制台停止它。",
    "The API refuses this name: stop it at {vendor}'s console.": "API 拒绝这个名称：请在 {vendor} 控制台停止它。",
    "{where_told} is empty.": "{where_told} 为空。",
    "{where_told} '{name}' is not valid UTF-8.": "{where_told} '{name}' 不是有效的 UTF-8。",
    "{where_told} '{name}' has {count} bytes, at most {total} are allowed.": (
        "{where_told} '{name}' 有 {count} 字节，最多允许 {total} 字节。"
    ),
    "{where_told} '{name}' begins or ends with white space.": "{where_told} '{name}' 的开头或结尾有空白字符。",
    "{where_told} '{name}' has white space other than a space, or control characters.": (
        "{where_told} '{name}' 含有空格以外的空白字符，或控制字符。"
    ),
    "{where} has numbers: {entries_listed}.": "{where} 中有数字：{entries_listed}。",
    "entry {position} is sent as '{number}'": "第 {position} 项按 '{number}' 发送",
    "and {more} more": "另有 {more} 项",
    "YAML reads 0123 as 83: quote names.": "YAML 会把 0123 读成 83：请给名称加引号。",
    "Stream {stream} is named under {vendors}.": "流 {stream} 同时列在 {vendors} 之下。",
    "Each of them is asked to stop it; only one can record it.": "将分别要求它们停止；只有一个能在录制它。",
    # Rooms and relays.
    "{reason_told}, after an attempt whose answer was lost: that attempt most likely closed it.": (
        "{reason_told}；此前一次尝试的应答丢失，很可能正是那次尝试关闭了它。"
    ),
    "the reply has no list of streams.": "应答中没有流列表。",
    "{count} of {total} streams in the reply have no usable StreamId.": (
        "应答的 {total} 条流中有 {count} 条没有可用的 StreamId。"
    ),
    "The answer to an earlier attempt was lost: that one may have removed it.": (
        "先前一次尝试的应答丢失：它可能已停止该转推。"
    ),
    "This machine removed it at {time}.": "本机已于 {time} 停止该转推。",
    "If {code} is what your account answers for a relay that is gone, list it in absent_codes.": (
        "如果你的账号对已不存在的转推返回 {code}，请把它列入 absent_codes。"
    ),
    "The room was left open: {reason_told}.": "房间保留未关闭：{reason_told}。",
    "The next run finds it there.": "下次运行能在那里找到它。",
    "Run again, or set zego_teardown_keep_rooms to false to close it nevertheless.": (
        "请重新执行；若仍要关闭，请把 zego_teardown_keep_rooms 设为 false。"
    ),
    "Of the streams that were found in it, {streams} was not stopped: a name like that is refused, so no later run "
    "could stop it either, and the room was not left open for it.": (
        "其中的流 {streams} 未能停止：这样的名称会被拒绝，以后的运行也无法停止它，因此没有为它保留房间。"
    ),
    "Of the streams that were found in it, {streams} were not stopped: a name like that is refused, so no later run "
    "could stop it either, and the room was not left open for it.": (
        "其中的流 {streams} 未能停止：这样的名称会被拒绝，以后的运行也无法停止它们，因此没有为它们保留房间。"
    ),
    "Room {room}: {message_told}": "房间 {room}：{message_told}",
    # Recorded files.
    "No recorded file was found in time.": "在等待时间内没有找到录制文件。",
    "Look at {vendor}'s console: a file can take longer than the teardown waited, or there was nothing to record.": (
        "请查看 {vendor} 控制台：文件可能需要更长时间，或者没有可录制的内容。"
    ),
    "The recording is not whole: its newest file was made before it was stopped.": (
        "录制不完整：最新的文件在停止之前就已生成。"
    ),
    "Either the rest takes longer than the teardown waited, or nobody pushed any more by then.": (
        "可能其余文件需要更长时间，也可能当时已经没有推流。"
    ),
    "Look at {vendor}'s console; if nobody pushed any more, raise zego_teardown_files_tolerance.": (
        "请查看 {vendor} 控制台；如果当时已经没有推流，请调大 zego_teardown_files_tolerance。"
    ),
    "The recorded files of Aliyun were not waited for: the API cannot search for them.": (
        "没有等待 Aliyun 的录制文件：API 无法查询它们。"
    ),
    "Of {count} stream nobody knows when the recording was stopped, so the files that were found may not be all of "
    "it.": "有 {count} 条流不知道录制何时停止，找到的文件可能不是全部。",
    "Of {count} streams nobody knows when the recording was stopped, so the files that were found may not be all of "
    "it.": "有 {count} 条流不知道录制何时停止，找到的文件可能不是全部。",
    "{action} counted {total} files, and listed {count} of them.": (
        "{action} 统计有 {total} 个文件，只列出了 {count} 个。"
    ),
    # The run itself.
    "the run was interrupted, and the report does not know whether this was done.": (
        "运行被中断，报告不知道这一项是否已完成。"
    ),
    "the task did not get as far as this.": "任务没有执行到这一步。",
    "the host that runs the module was not reachable: {said}": "无法连接运行模块的主机：{said}",
    "the host that runs the module was not reachable.": "无法连接运行模块的主机。",
    "timed out": "超时",
    "Not recording, according to {vendor}, and not remembered as stopped: {streams} and {more} more.": (
        "未在录制（据 {vendor}），本机也没有停止过的记录：{streams} 等，另有 {more} 条。"
    ),
    "Not recording, according to {vendor}, and not remembered as stopped: {streams}.": (
        "未在录制（据 {vendor}），本机也没有停止过的记录：{streams}。"
    ),
    "Check that these names are right, since {vendor} answers the same to a misspelt one.": (
        "请检查这些流名是否正确，因为流名拼错时 {vendor} 的应答也一样。"
    ),
    "With expect_recording=true they fail.": "设置 expect_recording=true 后，它们会算作失败。",
    "The API answered for streams that were not asked for: {streams}.": "API 应答了没有请求的流：{streams}。",
    "Starts of another run may be carried out after these stops.": "另一次运行的开始可能在这些停止之后执行。",
    "To be sure, stop again: {streams}.": "为稳妥起见，请再次停止：{streams}。",
    "What became of the streams in flight could not be remembered.": "无法记下正在处理的流的结果。",
    "This machine's clock is {seconds} s behind the ZEGO API's.": "本机时钟比 ZEGO API 慢 {seconds} 秒。",
    "This machine's clock is {seconds} s ahead of the ZEGO API's.": "本机时钟比 ZEGO API 快 {seconds} 秒。",
    "It was corrected for this run; set the clock (NTP).": "本次运行已自动修正；请校准时钟（NTP）。",
    "The pace is not shared with other runs: {said}.": "无法与其他运行共享请求频率：{said}。",
    "This run goes on by itself.": "本次运行将独自进行。",
    "The ledger {path} cannot be used ({said}).": "账本（ledger）{path} 无法使用（{said}）。",
    "The ledger {path} cannot be written to.": "账本（ledger）{path} 无法写入。",
    "The ledger {path} has rows that cannot be read, and do not count: {streams}.": (
        "账本（ledger）{path} 中有无法读取的记录，不计入：{streams}。"
    ),
    "The run goes on without it: {consequence_told}.": "运行将不使用它继续：{consequence_told}。",
    "What this run does is not remembered: later, {consequence_told}.": "本次运行不会被记录：以后{consequence_told}。",
    "Repair or delete the file, or set ledger to another path.": "请修复或删除该文件，或把 ledger 改为其他路径。",
    "Check the server, ledger_user and ledger_password, or set ledger to a path.": (
        "请检查服务器、ledger_user 和 ledger_password，或把 ledger 设为文件路径。"
    ),
    "The variable {name} is set, and the role zego.cloud.teardown does not read it.": (
        "设置了变量 {name}，但角色 zego.cloud.teardown 不读取它。"
    ),
    "Did you mean {name}?": "是否应为 {name}？",
}
