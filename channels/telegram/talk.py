"""What the bot says without a specialist: to /start and /status, and to a button."""

from collections.abc import Mapping, Sequence
from typing import Any

from channels.contract import Asked, Inlet, Premises, Standing
from channels.telegram.addressed import Me, command, in_group
from channels.telegram.api import Api
from channels.telegram.parts import Part, Target
from channels.telegram.pieces import pieces
from channels.telegram.sending import Postman
from channels.telegram.words import STATES, language_for, words_in
from inquiry.codes import started
from inquiry.untrusted import Object

START, STATUS = "start", "status"
LONGEST_SUBJECT = 60


def asked_of_us(update: Object, me: Me | None) -> str:
    """Return which command that the bot answers by itself an update is; "" if it is none.

    ``/start`` with a code is none: the desk knows what it proves.
    """
    word = command(update, me)
    if word not in (START, STATUS):
        return ""
    said = update["message"]["text"].split()[1:]
    if word == START and said == [STATUS]:
        return STATUS  # by the link that is shown in groups
    proves = word == START and len(said) == 1 and started(said[0]) and not in_group(update)
    return "" if proves else word


class Talk:
    """Answers in the language of whoever asks. Nothing of it is a message of a case."""

    def __init__(
        self, api: Api, postman: Postman, premises: Premises, greeting: Mapping[str, str]
    ) -> None:
        self._api = api
        self._postman = postman
        self._languages: Sequence[str] = premises.languages
        self._desk = premises.desk
        self._greeting = greeting

    async def answer(self, asked: Asked, inlet: Inlet) -> None:
        """Answer a command; see Attendant. In a group nobody's requests are told."""
        chat, _, topic = asked.conversation.partition("/")
        to = Target(chat=chat, topic=int(topic) if topic.isdecimal() else None)
        words = words_in(asked.language, self._languages)
        if to.group:
            text = words["in-private"].format(link=await self._own_chat())
        elif asked.command == STATUS:
            text = _told(await inlet.standing(asked.address), words)
        else:
            language = language_for(asked.language, self._languages)
            greeting = self._greeting.get(language) or words["greeting"]
            text = greeting.replace("{desk}", self._desk)
        parts = [Part(text=piece) for piece in pieces(text)]
        if len(asked.went) < len(parts):  # else it is shorter by now, and there
            await self._postman.send(to, parts, asked.went)

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
        return f"https://t.me/{me.username}?start={STATUS}"


def _told(standings: Sequence[Standing], words: Mapping[str, str]) -> str:
    if not standings:
        return words["nothing"]
    lines = [words["status"]]
    for one in standings:
        subject = one.subject if len(one.subject) <= LONGEST_SUBJECT else f"{one.subject[:59]}…"
        state = words[STATES.get(one.state, "working")]
        lines.append(f"{one.reference}: {state}\n{subject}\n{one.link}".strip())
    return "\n\n".join(lines)
