# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In Chinese: what codes mean, and what to do about them. By the English of _api/codes.py and vendor_codes.py."""

from __future__ import annotations

# What a code means, as it stands inside of a sentence.
MEANINGS = {
    "AppId malformed": "AppId 格式错误",
    "Action empty": "Action 为空",
    "Action unsupported": "不支持该 Action",
    "CDN type mismatch": "CDN 类型不匹配",
    "IsTest wrong": "IsTest 错误",
    "MessageContent empty": "MessageContent 为空",
    "Signature empty": "签名为空",
    "SignatureNonce empty": "SignatureNonce 为空",
    "SignatureVersion empty": "SignatureVersion 为空",
    "SignatureVersion unsupported": "不支持该 SignatureVersion",
    "HTTP request failed": "HTTP 请求失败",
    "Timestamp empty": "Timestamp 为空",
    "Timestamp malformed": "Timestamp 格式错误",
    "a code the API reference does not list for this action": "API 文档没有为该接口列出这个错误码",
    "a code this collection does not know": "本集合不认识的错误码",
    "an input stream does not exist": "某条输入流不存在",
    "an input stream given twice": "某条输入流重复",
    "an output stream given twice": "某条输出流重复",
    "another request for this user's mix is under way": "该用户的混流任务另有请求正在处理",
    "authentication configuration could not be read": "无法读取鉴权配置",
    "authentication failed": "鉴权失败",
    "bad CDN address": "CDN 地址错误",
    "bad list of streams": "流列表错误",
    "bad stream name": "流名错误",
    "cloud recording not enabled": "未开通云端录制",
    "configuration error": "配置错误",
    "decoding failed": "解码失败",
    "dispatch failed": "调度失败",
    "extended parameters wrong": "扩展参数错误",
    "failed": "失败",
    "file does not exist": "文件不存在",
    "gateway internal error": "网关内部错误",
    "input and output have the same stream": "输入流与输出流相同",
    "input stream malformed": "输入流格式错误",
    "input stream wrong": "输入流错误",
    "input too long": "输入过长",
    "internal error": "内部错误",
    "invalid AppId": "AppId 无效",
    "invalid address of the client": "客户端地址无效",
    "invalid app": "应用无效",
    "invalid dispatch action": "调度操作无效",
    "invalid input parameter": "输入参数无效",
    "invalid parameter": "参数无效",
    "invalid request": "请求无效",
    "invalid token": "token 无效",
    "message too long": "消息过长",
    "mixing not enabled": "未开通混流",
    "mixing or transcoding failed": "混流或转码失败",
    "moderation failed": "审核失败",
    "moderation not enabled": "未开通审核",
    "no ID for the message": "无法生成消息 ID",
    "no ServerSecret for this AppId": "该 AppId 没有 ServerSecret",
    "no configuration for this AppId": "该 AppId 没有配置",
    "no node to play from": "没有可用的拉流节点",
    "no node to publish to": "没有可用的推流节点",
    "no permission for this action": "没有调用该接口的权限",
    "no such mix": "没有该混流任务",
    "no such task": "没有该任务",
    "no token configured for this app": "该应用没有配置 token",
    "not the owner of the mix": "不是该混流任务的发起者",
    "output stream malformed": "输出流格式错误",
    "output stream wrong": "输出流错误",
    "parameter error": "参数错误",
    "permission not enabled": "未开通权限",
    "production environment not configured": "未配置正式环境",
    "quota used up": "配额已用完",
    "request failed": "请求失败",
    "room does not exist": "房间不存在",
    "service not enabled": "未开通服务",
    "several users act on the same stream": "多个用户同时操作同一条流",
    "signature expired": "签名已过期",
    "signature wrong": "签名错误",
    "system error": "系统错误",
    "text watermark wrong": "文字水印错误",
    "the app is not online": "该应用未上线",
    "the channel could not be saved": "无法保存频道",
    "the image could not be read": "无法读取图片",
    "the image's protocol is not supported": "不支持该图片协议",
    "the list could not be read": "无法读取列表",
    "the live broadcast could not be disabled": "无法禁播该直播",
    "the live broadcast could not be resumed": "无法恢复该直播",
    "the live broadcast could not be saved": "无法保存该直播",
    "the live broadcast does not exist": "该直播不存在",
    "the live broadcasts could not be disabled": "无法禁播这些直播",
    "the live broadcasts could not be resumed": "无法恢复这些直播",
    "the message could not be encoded": "消息编码失败",
    "the message could not be saved": "消息保存失败",
    "the message could not be sent": "消息发送失败",
    "the mix could not be updated": "无法更新混流任务",
    "the mix's owner could not be updated": "无法更新混流任务的发起者",
    "the parameters could not be parsed": "参数解析失败",
    "the recording's index could not be made": "无法生成录制索引",
    "the rule does not exist": "该规则不存在",
    "the start could not be converted": "开始请求转换失败",
    "the start could not be parsed": "开始请求解析失败",
    "the stop could not be converted": "停止请求转换失败",
    "the stop could not be forwarded": "停止请求转发失败",
    "the stop could not be parsed": "停止请求解析失败",
    "the stream does not exist": "该流不存在",
    "the stream is closed": "该流已关闭",
    "the stream's information could not be deleted": "无法删除流信息",
    "the stream's information could not be set": "无法设置流信息",
    "the stream's information does not exist": "流信息不存在",
    "the streams could not be listed": "无法列出流",
    "the task has ended": "任务已结束",
    "the task is not paused": "任务未暂停",
    "the user is not online": "用户不在线",
    "the user's other mixes could not be stopped": "无法停止该用户的其他混流任务",
    "timestamp wrong": "时间戳错误",
    "too frequent": "调用过于频繁",
    "too frequent for this room": "对该房间的调用过于频繁",
    "too many focused voices": "焦点音频过多",
    "too many input streams": "输入流过多",
    "too many output streams": "输出流过多",
    "too many rules in force": "生效的规则过多",
    "too many users in one request": "单次请求的用户过多",
    "user does not exist": "用户不存在",
    "watermark empty": "水印为空",
    "watermark wrong": "水印错误",
    "width of the output stream out of range": "输出流宽度超出范围",
    "wrong Host header": "Host 头错误",
    # Of a code that is listed for other actions only.
    "probably {one_told} or {other_told}": "可能是{one_told}，或{other_told}",
    "probably {meaning_told}": "可能是{meaning_told}",
}

# What a person should do.
ADVICE = {
    "A room is destroyed once it is empty.": "房间没有人后会自动销毁。",
    "Ask less often for the same room, or raise rate_limit_timeout.": (
        "请降低查询同一房间的频率，或调大 rate_limit_timeout。"
    ),
    "Check ClientIP.": "请检查 ClientIP。",
    "Check TaskId.": "请检查 TaskId。",
    "Check Type.": "请检查 Type。",
    "Check api_url, and proxies on the way.": "请检查 api_url 和途中的代理。",
    "Check api_url, and the name of the action: this address does not serve it.": (
        "请检查 api_url 和接口名：该地址不提供这个接口。"
    ),
    "Check app_id and server_secret against the ZEGO console.": "请对照 ZEGO 控制台检查 app_id 和 server_secret。",
    "Check app_id, and that the project is active in the ZEGO console.": (
        "请检查 app_id，并在 ZEGO 控制台确认项目已启用。"
    ),
    "Check app_id.": "请检查 app_id。",
    "Check cdn_url: an RTMP address, as it was when the relay was made.": (
        "请检查 cdn_url：应为 RTMP 地址，与添加转推时一致。"
    ),
    "Check file_ids, or wait until the recording is stored.": "请检查 file_ids，或等待录制文件入库。",
    "Check is_test.": "请检查 is_test。",
    "Check is_test: this project may have a test environment only.": "请检查 is_test：该项目可能只有测试环境。",
    "Check its address, and that it has at most 1 MB.": "请检查其地址，且大小不超过 1 MB。",
    "Check streams, file_ids, name_prefix, since and until.": "请检查 streams、file_ids、name_prefix、since 和 until。",
    "Check that server_secret belongs to this app_id.": "请确认 server_secret 属于该 app_id。",
    "Check the CDN configuration in the ZEGO console; at Aliyun with several domains, give domain and point.": (
        "请在 ZEGO 控制台检查 CDN 配置；阿里云有多个域名时，请给出 domain 和 point。"
    ),
    "Check the IDs of the files, or wait until the recording is stored.": "请检查文件 ID，或等待录制文件入库。",
    "Check the names of the streams.": "请检查流名。",
    "Check the parameters and the ZEGO console, or give ZEGO's support the request id.": (
        "请检查参数和 ZEGO 控制台，或将请求 ID 提供给 ZEGO 技术支持。"
    ),
    "Check the parameters of the mix; the API's message says more.": "请检查混流参数；API 的消息中有更多说明。",
    "Check the parameters of the request.": "请检查请求参数。",
    "Check the stream's name, and domain, point and end_time where they are given.": (
        "请检查流名，以及给出的 domain、point 和 end_time。"
    ),
    "Check the stream's name.": "请检查流名。",
    "Check the stream's name; in the test environment, the API wants it to begin with zegotest-AppId-.": (
        "请检查流名；测试环境中，API 要求流名以 zegotest-AppId- 开头。"
    ),
    "Check the stream's name; where it may be gone, list 41004 in ok_codes.": (
        "请检查流名；如果该流可能已经不存在，请把 41004 列入 ok_codes。"
    ),
    "Check the token.": "请检查 token。",
    "Check the user's ID.": "请检查用户 ID。",
    "Delete rules that are no longer needed.": "请删除不再需要的规则。",
    "Give ZEGO's support the request id.": "请将请求 ID 提供给 ZEGO 技术支持。",
    "Give the UserId that started it.": "请给出发起该任务的 UserId。",
    "Have CDN recording enabled for this AppId in the ZEGO console or by ZEGO's support.": (
        "请在 ZEGO 控制台或通过 ZEGO 技术支持为该 AppId 开通 CDN 录制。"
    ),
    "Have the service enabled for this AppId in the ZEGO console or by ZEGO's support.": (
        "请在 ZEGO 控制台或通过 ZEGO 技术支持为该 AppId 开通该服务。"
    ),
    "It has ended, or its ID is another one.": "任务已结束，或 ID 不对。",
    "It has expired or was deleted.": "它已过期或已被删除。",
    "Leave it out, or publish it first.": "请去掉该流，或先推流。",
    "Look it up in ZEGO's reference, or give ZEGO's support the request id.": (
        "请查阅 ZEGO 文档，或将请求 ID 提供给 ZEGO 技术支持。"
    ),
    "Look it up on the action's page of ZEGO's reference, or give ZEGO's support the request id.": (
        "请在 ZEGO 文档的该接口页面查阅，或将请求 ID 提供给 ZEGO 技术支持。"
    ),
    "Lower requests_per_second, raise rate_limit_timeout, or run fewer pipelines at once.": (
        "请调低 requests_per_second，调大 rate_limit_timeout，或减少同时运行的流水线。"
    ),
    "Name fewer users.": "请减少用户数。",
    "Nothing is left to stop.": "没有需要停止的内容。",
    "Only a paused task can be resumed.": "只有已暂停的任务才能恢复。",
    "Run it again a little later.": "请稍后重新执行。",
    "Run it again in five minutes; if it persists, give ZEGO's support the request id.": (
        "请五分钟后重新执行；若仍失败，请将请求 ID 提供给 ZEGO 技术支持。"
    ),
    "Run it again; if it persists, give ZEGO's support the request id.": (
        "请重新执行；若仍失败，请将请求 ID 提供给 ZEGO 技术支持。"
    ),
    "Set the clock of the machine that runs the module (NTP).": "请校准运行模块的机器的时钟（NTP）。",
    "Shorten it: a room's ID may have 128 bytes, a reason 256.": (
        "请缩短：房间 ID 最多 128 字节，关闭原因最多 256 字节。"
    ),
    "Shorten the message.": "请缩短消息。",
    "Stop tasks that are no longer needed, or have ZEGO raise the quota.": "请停止不再需要的任务，或请 ZEGO 提高配额。",
    "The stream has ended, or its name is another one.": "流已结束，或流名不对。",
    "The user is not in the room.": "该用户不在房间内。",
    "This AppId does not use this vendor: correct the option vendor.": "该 AppId 没有使用这个厂商：请更正 vendor。",
    "This is an answer and no error: list 41006 in ok_codes.": "这是正常应答，不是错误：请把 41006 列入 ok_codes。",
    "This looks like a defect of the collection or of a gateway on the way: report it with the request id.": (
        "这像是本集合或途中网关的缺陷：请附上请求 ID 反馈。"
    ),
    "Wait 10 seconds before asking for the same room again, or raise rate_limit_timeout.": (
        "请等待 10 秒再查询同一房间，或调大 rate_limit_timeout。"
    ),
    # The vendors.
    "The account at {vendor} is blocked, suspended or in arrears: settle that with {vendor}, then run again.": (
        "{vendor} 账号被封禁、停用或欠费：请先与 {vendor} 解决，再重新执行。"
    ),
    "The quota of recording tasks at {vendor} is used up: stop others or have it raised, then run again.": (
        "{vendor} 的录制任务配额已用完：请停止其他任务或提高配额，再重新执行。"
    ),
    "{vendor} refuses ZEGO's access to the account: check the CDN credentials in the ZEGO console.": (
        "{vendor} 拒绝 ZEGO 访问该账号：请在 ZEGO 控制台检查 CDN 凭据。"
    ),
    "Something is wrong with domain, point or the recording configuration: check them at {vendor}.": (
        "域名、接入点或录制配置有误：请在 {vendor} 检查。"
    ),
    "{vendor} has an internal problem: run it again.": "{vendor} 内部出现问题：请重新执行。",
    "{vendor} takes fewer streams a second: raise rate_limit_timeout, lower batch_size, or run it again later.": (
        "{vendor} 每秒能处理的流更少：请调大 rate_limit_timeout，调小 batch_size，或稍后重新执行。"
    ),
    "{vendor} knows no such stream: check its name, and that it is being published.": (
        "{vendor} 没有这条流：请检查流名，并确认正在推流。"
    ),
    "This machine did not stop it either, and expect_recording is true: check its name, and whether {vendor} "
    "recorded it at all.": (
        "本机也没有停止过它，而 expect_recording 为 true：请检查流名，以及 {vendor} 是否录制过它。"
    ),
    "{vendor} says that it is still being recorded: run it again, and check the vendor's console.": (
        "{vendor} 表示它仍在录制：请重新执行，并查看厂商控制台。"
    ),
    "{vendor} gives several causes this code: read its message; list the code in not_recording_codes if it means "
    "'not recording' here.": (
        "{vendor} 的这个错误码有多种原因：请看其消息；如果在这里表示未在录制，请把它列入 not_recording_codes。"
    ),
    "{vendor} does not say what is not found, the stream, a domain or a configuration: check them at {vendor}; list "
    "the code in not_recording_codes if it means 'not recording' here.": (
        "{vendor} 没有说明找不到的是流、域名还是配置：请在 {vendor} 检查；"
        "如果在这里表示未在录制，请把该错误码列入 not_recording_codes。"
    ),
    "The code is not documented: check the stream at {vendor}; list the code in not_recording_codes if it means "
    "'not recording' here.": (
        "文档没有说明该错误码：请在 {vendor} 检查这条流；如果在这里表示未在录制，请把它列入 not_recording_codes。"
    ),
    "The reply said nothing of this stream: check it at {vendor}, and run it again.": (
        "应答中没有提到这条流：请在 {vendor} 检查，并重新执行。"
    ),
    "It may be recording: look at {vendor}, then either stop it, or start it with force=true.": (
        "它可能正在录制：请先查看 {vendor}，再停止它，或用 force=true 开始录制。"
    ),
    "It was started in part: check the recorded formats at {vendor}, then stop it or start it anew.": (
        "只开始了一部分：请在 {vendor} 检查录制格式，然后停止它或重新开始。"
    ),
}
