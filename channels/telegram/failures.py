"""What Telegram's refusals mean to us."""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from channels.telegram.http import NeverLeft
from inquiry.errors import BridgeError, OutcomeUnknown, PermanentFailure, TemporaryFailure

NO_FIGHT = timedelta(seconds=30)
"""Two that poll one bot throw each other out: we leave it to the other one meanwhile."""
LONGEST_ASKED = timedelta(days=1)
"""A chat that wants to be left alone for years is asked again after a day."""
ABOUT_THIS_MESSAGE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "rights",
    "chat_write_forbidden",
    "chat_restricted",
    "topic_closed",
    "message thread not found",
    "text is empty",
    "must be non-empty",
    "too long",
    "too big",
    "too large",
)
"""Of what Telegram calls a bad request, only these will never go, whatever we do."""


def while_sending(error: TelegramError) -> BridgeError:
    """Translate what a message met with."""
    match error:
        case RetryAfter() | InvalidToken():  # our trouble, not this message's: it can wait
            return while_polling(error)
        case ChatMigrated():
            return TemporaryFailure("the chat keeps moving")
        case Forbidden():
            return PermanentFailure(f"Telegram refused: {error.message}")
        case BadRequest() if any(words in error.message.lower() for words in ABOUT_THIS_MESSAGE):
            return PermanentFailure(f"Telegram refused: {error.message}")
        case BadRequest():
            return TemporaryFailure(f"Telegram did not understand: {error.message}")
        case NeverLeft():
            return TemporaryFailure(f"Telegram is unreachable: {error.message}")
    return OutcomeUnknown(f"Telegram gave no answer: {error.message}")


def while_fetching(error: TelegramError) -> TemporaryFailure | PermanentFailure:
    """Translate why a file does not come."""
    match error:
        case BadRequest() if "too big" in error.message.lower():
            return PermanentFailure("too large for Telegram's bot API (20 MB)")
        case BadRequest() if "temporarily" not in error.message.lower():
            return PermanentFailure(f"Telegram refused: {error.message}")
        case Forbidden():
            return PermanentFailure(f"Telegram refused: {error.message}")
        case RetryAfter() | InvalidToken():
            return while_polling(error)
    return TemporaryFailure(f"Telegram does not give it: {error.message}")


def while_polling(error: TelegramError) -> TemporaryFailure:
    """Translate why there are no updates."""
    match error:
        case RetryAfter():
            return TemporaryFailure("Telegram asks us to slow down", retry_after=_delay(error))
        case InvalidToken():
            return TemporaryFailure("Telegram rejects the bot's token")
        case Conflict() if "webhook" in error.message:
            return TemporaryFailure(
                "the bot has a webhook of somebody else, so Telegram gives us nothing: remove it "
                "by deleteWebhook, or use a bot of your own",
                retry_after=NO_FIGHT,
            )
        case Conflict():
            return TemporaryFailure(
                "another program reads this bot's messages: stop it, or use a bot of your own",
                retry_after=NO_FIGHT,
            )
    return TemporaryFailure(f"cannot ask Telegram: {error.message}")


def _delay(error: RetryAfter) -> timedelta:
    wait = error.retry_after
    seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
    return timedelta(seconds=min(seconds, LONGEST_ASKED.total_seconds()))
