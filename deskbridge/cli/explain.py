"""``deskbridge explain``: show how and why a message was or would be decided."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from deskbridge.cli.configuration import config_option, opened
from deskbridge.cli.leaving import json_option
from deskbridge.cli.reaching import look

if TYPE_CHECKING:
    from config.case_message import CaseMessage
    from config.configuration import Configuration
    from deskbridge.retelling import Past
    from inquiry.journey import ChannelName
    from router.retold import Retold
    from router.why_not import Wish
    from storage.database import Transaction

Command = TypeVar("Command", bound=Callable[..., Any])
_MOMENT = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"])
"""First as in a test of the configuration."""
_GIVEN = (
    click.option("--channel", default="", help="The channel it came in by."),
    click.option("--from", "sender", default="", help="Who wrote it."),
    click.option("--to", default="", help="Whom it was written to."),
    click.option("--subject", default="", help="Its subject."),
    click.option("--text", default="", help="Its text."),
    click.option("--language", default="", help="Its language, if it shall not be guessed."),
    click.option("--header", "headers", multiple=True, help="A header: X-Priority=1."),
    click.option("--form", "form", multiple=True, help="A field of a form: product=router."),
    click.option("--customer", "customer", multiple=True, help="Of the customer: vip=yes."),
    click.option("--attachment", "attachments", multiple=True, help="The name of a file."),
    click.option(
        "--at", type=_MOMENT, help="When, in the desk's zone: 2026-01-05T10:00; else now."
    ),
)


def _given_options(command: Command) -> Command:
    for option in reversed(_GIVEN):
        command = option(command)
    return command


@click.command("explain")
@click.argument("what", required=False)
@config_option
@_given_options
@click.option("--why-not", "wished", default="", help="Why a field got no other value: FIELD=VALUE")
@click.option("--rules", "rules", is_flag=True, help="Also each rule, with what kept it.")
@click.option("-v", "--verbose", is_flag=True, help="Also every condition of every rule.")
@json_option
def explain(
    what: str | None,
    config: Path | None,
    wished: str,
    rules: bool,
    verbose: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Show how and why a message was or would be decided.

    WHAT is a stored inquiry (its reference), a stored message (its Message-ID, or "arrival 12"),
    a mail as a file, or - for standard input; without it the message is made of the options.

    \b
    deskbridge explain NL-2026-01877 --why-not queue=invoices
    deskbridge explain mail.eml -v
    deskbridge explain --channel support-mail --subject "Drukarka nie działa"
    """
    configuration = opened(config, run_tests=False)
    wish = _wish(wished)
    if what is not None and what != "-" and not _is_file(what):
        told = _stored(configuration, what, wish)
    elif what is None and not any(given[name] for name in ("subject", "text", "sender", "form")):
        raise click.UsageError("Name a reference, a file or -, or give --subject, --text, --from.")
    else:
        told = [_tried(configuration, what, given, wish)]
    if as_json:
        documents = [one.as_data() for one in told]
        stored = all(one.past for one in told)
        click.echo(json.dumps(documents if stored else documents[0], ensure_ascii=False))
        return
    shown = ("\n".join(one.lines(rules=rules or verbose, every=verbose)) for one in told)
    click.echo("\n\n".join(shown))


class _Told:
    """One explanation, ready to be shown."""

    def __init__(
        self, configuration: "Configuration", retold: "Retold", past: "Past | None" = None
    ) -> None:
        self._zone = configuration.desk.timezone
        self._retold = retold
        self.past = past

    def as_data(self) -> dict[str, Any]:
        """Return it as data."""
        from deskbridge.cli.explained import as_data

        about: dict[str, Any] = {}
        if self.past:
            recorded = self.past.recorded
            about = {
                "reference": recorded.reference,
                "arrival": recorded.arrival,
                "decided_at": recorded.decided_at.isoformat(),
            }
        return {**about, **as_data(self._retold)}

    def lines(self, *, rules: bool, every: bool) -> Iterator[str]:
        """Return its lines."""
        from deskbridge.cli import explained

        yield from explained.short(self._retold, self._head())
        if self.past:
            yield ""
            yield self._decided()
            yield from explained.comparison(self._retold.today)
        if rules and self._retold.trace:
            yield ""
            yield from explained.rule_by_rule(self._retold.trace, every=every)
        if self._retold.why_not:
            yield ""
            yield from explained.refusal(self._retold.why_not)

    def _head(self) -> Sequence[str]:
        from deskbridge.cli.explained import moment

        if self.past is None:
            return ["Message", moment(self._retold.facts.now, self._zone)]
        recorded = self.past.recorded
        return [recorded.reference or f"arrival {recorded.arrival}"]

    def _decided(self) -> str:
        from deskbridge.cli.explained import moment

        assert self.past
        at = moment(self.past.recorded.decided_at, self._zone)
        return f"decided {at} by configuration {self._retold.decision.configuration[:6]}"


def _wish(written: str) -> "Wish | None":
    from router.why_not import BadWish, wish

    if not written:
        return None
    try:
        return wish(written)
    except BadWish as wrong:
        raise click.UsageError(f"--why-not: {wrong}") from wrong


def _stored(configuration: "Configuration", name: str, wished: "Wish | None") -> "Sequence[_Told]":
    from deskbridge.retelling import past_of, retell

    async def work(tx: "Transaction") -> "Sequence[Past]":
        return await past_of(tx, name)

    return [
        _Told(configuration, retell(configuration, past, wished), past)
        for past in look(configuration, work, f"{name!r} is no file here; as something stored: ")
    ]


def _tried(
    configuration: "Configuration", what: str | None, given: dict[str, Any], wished: "Wish | None"
) -> _Told:
    from router.retold import tried

    channel = _channel(configuration, given["channel"])
    made = _understood(configuration, what, given, channel)
    return _Told(configuration, tried(configuration.rules, made.message, made.facts, wished))


def _understood(
    configuration: "Configuration", what: str | None, given: dict[str, Any], channel: "ChannelName"
) -> "CaseMessage":
    from config.case_message import understand
    from config.scalars import Language, Word
    from config.sections import Given

    asked = Given(
        from_=given["sender"],
        to=given["to"],
        subject=given["subject"],
        body=given["text"],
        language=Language(given["language"]) if given["language"] else None,
        headers=_pairs("--header", given["headers"]),
        form=_pairs("--form", given["form"]),
        customer={
            Word(name): Word(value)
            for name, value in _customer(configuration, given["customer"]).items()
        },
        attachments=given["attachments"],
        at=_at(given["at"]),
    )
    raw = None
    if what is not None:
        raw = sys.stdin.buffer.read() if what == "-" else _content(Path(what))
    return understand(asked, configuration, channel, raw)


def _is_file(what: str) -> bool:
    try:
        return Path(what).exists()
    except (OSError, ValueError):  # no name of a file, such as a Message-ID longer than any
        return False


def _content(file: Path) -> bytes:
    from config.regular import LARGEST_MAIL, read_bytes

    try:
        return read_bytes(file, LARGEST_MAIL, pipe=True)
    except OSError as error:
        raise click.UsageError(f"cannot read {str(file)!r}: {error.strerror}") from error


def _at(given: datetime | None) -> datetime:
    from config.scalars import moment

    if given is None:
        return datetime.now(UTC)
    try:
        return moment(given.isoformat())
    except ValueError as wrong:
        raise click.UsageError(f"--at: {wrong}") from wrong


def _customer(configuration: "Configuration", written: Sequence[str]) -> dict[str, str]:
    """Read what is given of a customer, in words that customers' attributes can have."""
    from config.scalars import boolean

    kinds = configuration.customers.attributes
    pairs = _pairs("--customer", written)
    for name, value in pairs.items():
        try:
            if name in kinds:
                kinds[name].plain(value)
            elif name == "known":
                boolean(value)
            elif name != "organization":
                there = ", ".join((*kinds, "known", "organization"))
                raise click.UsageError(f"--customer {name}: no such attribute; there are {there}")
        except ValueError as wrong:
            raise click.UsageError(f"--customer {name}: {wrong}") from wrong
    return pairs


def _pairs(option: str, written: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in written]
    for name, equals, _ in pairs:
        if not equals or not name:
            raise click.UsageError(f"{option} {name!r} is not NAME=VALUE")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _channel(configuration: "Configuration", name: str) -> "ChannelName":
    from inquiry.journey import ChannelName

    chosen = ChannelName(name or next(iter(configuration.channels), ""))
    if chosen not in configuration.channels:
        there = ", ".join(configuration.channels)
        raise click.UsageError(f"No channel {chosen!r}; there are {there}.")
    return chosen
