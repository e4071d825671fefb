"""The Web API of the Slack of the tests: what each method answers."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.servers.slack import FakeSlack

TICKET = "nobodys-ticket-of-the-tests"
OURS, OUR_BOT = "U0BOT", "B0BOT"


class Refused(Exception):
    """The Web API says no, by one of its words."""


def history(fake: "FakeSlack", form: dict[str, str]) -> dict[str, Any]:
    return _paged(
        fake,
        [one for one in fake.said[form["channel"]] if one.get("thread_ts", one["ts"]) == one["ts"]],
        form,
    )


def replies(fake: "FakeSlack", form: dict[str, str]) -> dict[str, Any]:
    """Any message of a thread names it; its first one comes along however old it is."""
    said = fake.said[form["channel"]]
    named = next((one for one in said if one["ts"] == form["ts"]), None)
    if named is None:
        raise Refused("thread_not_found")
    thread = named.get("thread_ts", named["ts"])
    root = [one for one in said if one["ts"] == thread]
    found = [one for one in said if one.get("thread_ts") == thread != one["ts"]]
    page = _paged(fake, found, form)
    return {**page, "messages": [*(_with_replies(fake, one) for one in root), *page["messages"]]}


def _paged(
    fake: "FakeSlack", messages: list[dict[str, Any]], form: dict[str, str]
) -> dict[str, Any]:
    wanted = [one for one in messages if float(one["ts"]) > float(form.get("oldest", "0"))]
    told = (_as_asked(_with_replies(fake, one), form) for one in wanted)
    newest_first = sorted(told, key=_ts, reverse=True)
    start = int(form.get("cursor", "0"))
    end = start + min(fake.page, int(form["limit"]))
    more = str(end) if end < len(newest_first) else ""
    page = newest_first[start:end]
    return {"messages": page, "response_metadata": {"next_cursor": more}}


def _with_replies(fake: "FakeSlack", message: dict[str, Any]) -> dict[str, Any]:
    everything = [one for said in fake.said.values() for one in said]
    ts = message["ts"]
    replies = [one["ts"] for one in everything if one.get("thread_ts") == ts != one["ts"]]
    if not replies:
        return message
    return {
        **message,
        "thread_ts": ts,
        "reply_count": len(replies),
        "latest_reply": max(replies),
    }


def _as_asked(message: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
    """What programs have noted on a message is told only to who asks for it."""
    if "metadata" not in message or form.get("include_all_metadata") == "true":
        return message
    return {**message, "metadata": {"event_type": message["metadata"]["event_type"]}}


def post(fake: "FakeSlack", form: dict[str, str]) -> dict[str, Any]:
    rooms = [one["id"] for one in fake.channels.values() if one.get("user") == form["channel"]]
    channel = rooms[0] if rooms else form["channel"]
    if channel not in {*fake.channels, *fake.users}:
        raise Refused("channel_not_found")
    _may_hang(fake, channel, form.get("thread_ts", ""))
    ts = fake.stamp()
    fake.sent.append({"ts": ts, **form})
    ours = {"type": "message", "bot_id": OUR_BOT, "user": OURS, "text": form["text"], "ts": ts}
    if form.get("thread_ts"):
        ours["thread_ts"] = form["thread_ts"]
    if form.get("metadata"):
        ours["metadata"] = json.loads(form["metadata"])
    _appears(fake, channel, ours)
    return {"channel": channel, "ts": ts, "message": ours}


def _may_hang(fake: "FakeSlack", channel: str, thread: str) -> None:
    """Below a message that was deleted nothing can be said."""
    if (channel, thread) in fake.gone:
        raise Refused("thread_not_found")


def _appears(fake: "FakeSlack", channel: str, ours: dict[str, Any]) -> None:
    if channel in fake.channels:
        fake.said[channel].append(ours)
        fake.tell(fake.event_of(channel, ours))


def open_room(fake: "FakeSlack", form: dict[str, str]) -> dict[str, Any]:
    rooms = [one for one in fake.channels.values() if one.get("user") == form["users"]]
    if not rooms:
        raise Refused("user_not_found")
    return {"channel": {"id": rooms[0]["id"]}}


def info(fake: "FakeSlack", form: dict[str, str]) -> dict[str, Any]:
    if form["channel"] not in fake.channels:
        raise Refused("channel_not_found")
    return {"channel": fake.channels[form["channel"]]}


def user(fake: "FakeSlack", form: dict[str, str]) -> dict[str, Any]:
    if form["user"] not in fake.users:
        raise Refused("user_not_found")
    return {"user": fake.users[form["user"]]}


def file_info(fake: "FakeSlack", form: dict[str, str]) -> dict[str, Any]:
    if form["file"] not in fake.files:
        raise Refused("file_not_found")
    url = f"http://127.0.0.1:{fake.port}/files/{form['file']}"
    return {"file": {"id": form["file"], "url_private_download": url}}


def upload_url(fake: "FakeSlack", form: dict[str, str]) -> dict[str, Any]:
    file = f"F{next(fake.numbers)}"
    return {"file_id": file, "upload_url": f"http://127.0.0.1:{fake.port}/upload/{file}"}


def uploaded(fake: "FakeSlack", form: dict[str, str]) -> dict[str, Any]:
    files = json.loads(form["files"])
    for file in files:
        content = fake.files[file["id"]].decode()
        where = {"channel": form["channel_id"], "thread_ts": form.get("thread_ts", "")}
        fake.sent.append({**where, "file": file["title"], "content": content})
        shown = {"id": file["id"], "name": file["title"], "size": len(content.encode())}
        ours = {"type": "message", "user": OURS, "text": "", "ts": fake.stamp(), "files": [shown]}
        if where["thread_ts"]:
            ours["thread_ts"] = where["thread_ts"]
        _appears(fake, form["channel_id"], ours)
    return {"files": files}


def _ts(message: dict[str, Any]) -> float:
    return float(message["ts"])


METHODS: dict[str, Callable[["FakeSlack", dict[str, str]], dict[str, Any]]] = {
    "auth.test": lambda _, __: {"user_id": OURS, "bot_id": OUR_BOT, "team": "Acme"},
    "apps.connections.open": lambda fake, _: {
        "url": f"ws://127.0.0.1:{fake.port}/link?ticket={TICKET}"
    },
    "users.conversations": lambda fake, _: {"channels": list(fake.channels.values())},
    "users.list": lambda fake, _: {"members": list(fake.users.values())[:1]},
    "users.info": user,
    "conversations.info": info,
    "conversations.open": open_room,
    "conversations.history": history,
    "conversations.replies": replies,
    "chat.postMessage": post,
    "files.info": file_info,
    "files.getUploadURLExternal": upload_url,
    "files.completeUploadExternal": uploaded,
}
