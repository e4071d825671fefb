"""What Slack's refusals mean to us."""

from datetime import timedelta
from typing import Any

from aiohttp import ClientConnectorError, ClientError, ConnectionTimeoutError
from slack_sdk.errors import SlackApiError, SlackClientError, SlackRequestError

from inquiry.errors import BridgeError, OutcomeUnknown, PermanentFailure, TemporaryFailure

UNREADABLE = (AttributeError, ValueError)
"""What the library raises over an answer that is no JSON object."""
TROUBLE = (SlackClientError, ClientError, TimeoutError, OSError, *UNREADABLE)
"""All that the library lets through."""
TOO_MANY = 429
SERVER = 500
REJECTED = (
    *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"),
    *("not_allowed_token_type", "org_login_required", "ekm_access_denied", "access_denied"),
    *("team_access_not_granted", "two_factor_setup_required", "accesslimited"),
)
"""Our trouble, no message's: it can wait until somebody has put it right."""
ABOUT_THIS_MESSAGE = (
    *("channel_not_found", "not_in_channel", "is_archived", "user_not_found", "user_disabled"),
    *("user_not_visible", "cannot_dm_bot", "messages_tab_disabled", "no_text", "msg_too_long"),
    *("restricted_action", "restricted_action_read_only_channel", "invalid_channel"),
    *("restricted_action_thread_only_channel", "posting_to_channel_denied"),
    *("msg_blocks_too_long", "message_limit_exceeded", "channel_type_not_supported"),
    *("file_upload_size_restricted", "file_uploads_disabled"),
)
"""These will never go, whatever we do."""
NO_THREAD = (
    *("thread_not_found", "invalid_thread_ts", "cannot_reply_to_message"),
    *("restricted_action_thread_locked", "restricted_action_non_threadable_channel"),
)
"""Nor will these, in this thread."""
NOT_THERE = ("thread_not_found", "message_not_found")
NOT_FOR_US = (
    *("channel_not_found", "not_in_channel", "is_archived", "channel_type_not_supported"),
    *("method_not_supported_for_channel_type", "user_not_found", "user_not_visible"),
)
"""What we ask for is none of ours, or no longer: asking again is of no use."""
PERHAPS_DONE = ("internal_error", "fatal_error")


class NotThere(PermanentFailure):
    """Slack has no such message."""


class NoThread(PermanentFailure):
    """Nothing can be said in this thread any more; elsewhere it can."""


class NotAllowed(TemporaryFailure):
    """The app lacks a scope, until somebody gives it to it."""


def while_asking(error: Exception) -> TemporaryFailure:
    """Translate why Slack does not answer."""
    code = _code(error)
    if _is_too_many(error, code):
        return TemporaryFailure("Slack asks us to slow down", retry_after=_delay(error))
    if code in REJECTED:
        return TemporaryFailure(f"Slack rejects the token: {code}")
    if code == "missing_scope":
        needed = _data(error).get("needed", "")
        return NotAllowed(f"the app lacks a scope: {str(needed)[:200] or 'see docs/slack.md'}")
    return TemporaryFailure(f"cannot ask Slack: {_told(error, code)}")


def while_reading(error: Exception) -> TemporaryFailure | PermanentFailure:
    """Translate why Slack does not tell of one conversation, message or person."""
    code = _code(error)
    if code in NOT_THERE:
        return NotThere(f"Slack has none: {code}")
    if code in NOT_FOR_US:
        return PermanentFailure(f"Slack does not tell: {code}")
    return while_asking(error)


def while_sending(error: Exception) -> BridgeError:
    """Translate what a message met with."""
    code = _code(error)
    if code in NO_THREAD:
        return NoThread(f"Slack refused: {code}")
    if code in ABOUT_THIS_MESSAGE:
        return PermanentFailure(f"Slack refused: {code}")
    if isinstance(error, SlackApiError):
        status = getattr(error.response, "status_code", 0)
        known = code and code not in PERHAPS_DONE
        if known or (status < SERVER and not code) or _is_too_many(error, code):
            return while_asking(error)
        return OutcomeUnknown(f"Slack gave no answer: {_told(error, code)}")
    if isinstance(error, (ClientConnectorError, ConnectionTimeoutError, SlackRequestError)):
        return while_asking(error)
    return OutcomeUnknown(f"Slack gave no answer: {_told(error, code)}")


def _is_too_many(error: Exception, code: str) -> bool:
    status = getattr(getattr(error, "response", None), "status_code", 0)
    return code in ("ratelimited", "rate_limited") or status == TOO_MANY


def _delay(error: Exception) -> timedelta:
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    asked = str(headers.get("Retry-After", "")).strip()
    return timedelta(seconds=int(asked)) if asked.isdecimal() and len(asked) < 10 else timedelta(0)


def _code(error: Exception) -> str:
    code = _data(error).get("error", "")
    return code if isinstance(code, str) else ""


def _data(error: Exception) -> dict[str, Any]:
    data = getattr(getattr(error, "response", None), "data", None)
    return data if isinstance(data, dict) else {}


def _told(error: Exception, code: str) -> str:
    """Say what happened without addresses: a ticket or a token might stand in one."""
    if isinstance(error, UNREADABLE):
        return "what it says can't be read"
    status = getattr(getattr(error, "response", None), "status_code", 0)
    return code or (f"status {status}" if status else type(error).__name__)
