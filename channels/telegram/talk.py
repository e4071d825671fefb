"""What the bot says without a specialist: to /start and /status, and to a button."""

from collections.abc import Mapping, Sequence
from typing import Any

from channels.contract import Inlet, Premises, Standing
from channels.telegram.addressed import Me, command, in_group
from channels.telegram.api import Api
from channels.telegram.pieces import pieces
from channels.telegram.sending import NO_PREVIEW
from channels.telegram.words import STATES, language_for, words_in
from inquiry.codes import started

ANSWERED = frozenset({"start", "status"})
"""Commands that are no message to a specialist."""
LONGEST_SUBJECT = 60


def answered_here(update: Mapping[str, Any], me: Me | None) -> str:
    """Return the command that is answered without a specialist, "" for all that is a message.

    ``/start`` with a code is one: the desk knows what it proves.
    """
    asked = command(update, me)
    if asked not in ANSWERED:
        return ""
    said = update["message"]["text"].split()[1:]
    proves = asked == "start" and len(said) == 1 and started(said[0]) and not in_group(update)
    return "" if proves else asked


class Talk:
    """Answers at once, in the language of whoever asks. Nothing of it is a message of a case."""

    def __init__(self, api: Api, premises: Premises, greeting: Mapping[str, str]) -> None:
        self._api = api
        self._languages: Sequence[str] = premises.languages
        self._desk = premises.desk
        self._greeting = greeting

    async def answer(self, inlet: Inlet, update: Mapping[str, Any], command: str) -> None:
        """Answer a command. Raises TelegramError, TemporaryFailure."""
        message = update["message"]
        who = message.get("from") or {}
        wish = str(who.get("language_code") or "")
        words = words_in(wish, self._languages)
        if in_group(update):
            text = words["in-private"].format(link=await self._own_chat())
        elif command == "status" or message["text"].split()[1:] == ["status"]:
            text = _told(await inlet.standing(str(who.get("id"))), words)
        else:
            language = language_for(wish, self._languages)
            greeting = self._greeting.get(language) or words["greeting"]
            text = greeting.replace("{desk}", self._desk)
        topic = message.get("message_thread_id") if message.get("is_topic_message") else None
        for piece in pieces(text):
            await self._api.bot.send_message(
                message["chat"]["id"],
                piece,
                link_preview_options=NO_PREVIEW,
                message_thread_id=topic,
            )

    async def thank(self, query: Mapping[str, Any]) -> None:
        """Say thanks for a button that was pressed, and take the buttons away."""
        who = query.get("from") or {}
        words = words_in(str(who.get("language_code") or ""), self._languages)
        await self._api.bot.answer_callback_query(str(query["id"]), text=words["thanks"])
        message = query.get("message") or {}
        if "message_id" in message:
            await self._api.bot.edit_message_reply_markup(
                message["chat"]["id"], message["message_id"]
            )

    async def _own_chat(self) -> str:
        """Return where a person finds the bot alone, and is told how their requests stand."""
        me = await self._api.who()
        return f"https://t.me/{me.username}?start=status"


def _told(standings: Sequence[Standing], words: Mapping[str, str]) -> str:
    if not standings:
        return words["nothing"]
    lines = [words["status"]]
    for one in standings:
        subject = one.subject if len(one.subject) <= LONGEST_SUBJECT else f"{one.subject[:59]}…"
        state = words[STATES.get(one.state, "working")]
        lines.append(f"{one.reference}: {state}\n{subject}\n{one.link}".strip())
    return "\n\n".join(lines)
