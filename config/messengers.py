"""What only the whole desk shows of a messenger: a token used twice, texts that nobody sees."""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from config.configuration import ChannelEntry, Desk
from config.findings import Findings
from inquiry.journey import ChannelName

_TOKENS = {
    ("telegram", "polling"): "token",
    ("telegram", "webhook"): "token",
    ("slack", "socket"): "app_token",
    ("slack", "http"): "bot_token",
}
"""By kind and mode: what two channels may not share, since each takes what the other gets."""
_BY_LANGUAGE = ("title", "greeting")


def check_messengers(
    desk: Desk, channels: Mapping[ChannelName, ChannelEntry], findings: Findings
) -> None:
    """Note what would keep messages from coming, and texts that nobody would see."""
    _check_names(channels, findings)
    _check_tokens(channels, findings)
    for entry in channels.values():
        if entry.kind == "telegram":
            _check_webhook(desk, entry, findings)
        _check_languages(desk.languages, entry, findings)


def _check_names(channels: Mapping[ChannelName, ChannelEntry], findings: Findings) -> None:
    for name, entry in channels.items():
        words = name.split()
        if words != [name]:
            text = f"the name of a channel has no blanks: {name!r}"
            hint = f"write {'-'.join(words)}, with was: ['{name}'] if it has been in use"
            findings.error(entry.place, "value", text, hint)


def _check_tokens(channels: Mapping[ChannelName, ChannelEntry], findings: Findings) -> None:
    """Note at each of them what channels share a token: only one of them gets an update."""
    for name, entry in channels.items():
        key, token = _token(entry)
        for other, its in channels.items():
            if token and other != name and its.kind == entry.kind and _token(its)[1] == token:
                text = f"{name!r} has the {key} of {other!r}: each takes the other's messages"
                hint = f"give each {'a bot' if key == 'token' else 'an app'} of its own"
                findings.error(entry.place_of(key), "value", text, hint)


def _token(entry: ChannelEntry) -> tuple[str, str]:
    """Return the key of what a channel may not share, and its value; "" where it may."""
    key = _TOKENS.get((entry.kind, getattr(entry.settings, "mode", "")), "")
    return key, str(getattr(entry.settings, key, "")) if key else ""


def _check_webhook(desk: Desk, entry: ChannelEntry, findings: Findings) -> None:
    """Telegram calls nothing but HTTPS; a server of one's own may call what it can reach."""
    own = urlsplit(entry.settings.api).hostname != "api.telegram.org"
    if entry.settings.mode == "webhook" and not own and not desk.url.startswith("https://"):
        text = f"Telegram calls only https, and the desk's url is {desk.url}"
        hint = "take mode: polling, or a url with https"
        findings.error(entry.place_of("mode"), "value", text, hint)


def _check_languages(desk: Collection[str], entry: ChannelEntry, findings: Findings) -> None:
    spoken = {language.partition("-")[0] for language in desk}
    for key in _BY_LANGUAGE:
        texts = getattr(entry.settings, key, None)
        for language in texts if isinstance(texts, Mapping) else ():
            if language.partition("-")[0] not in spoken:
                written = entry.written.get(f"{key}.{language}")
                place = written.key.place if written else entry.place_of(key)
                text = f"nobody sees this {key}: the desk has no language {language!r}"
                hint = f"languages: {', '.join(desk)}"
                findings.warn(place, "unspoken-language", text, hint)
