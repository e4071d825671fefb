"""``deskbridge ingest``: take one message from standard input, or say "try again later"."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskbridge.cli.configuration import config_option

if TYPE_CHECKING:
    from config.configuration import Configuration

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: a mail server keeps the message. Any other code would bounce it."""


class Faithful(click.Command):
    """A command that ends with 0 or 75, whatever happens, even if it was called wrongly."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.ClickException as wrong:
            wrong.show()
            raise SystemExit(TRY_AGAIN) from wrong

    def invoke(self, ctx: click.Context) -> None:
        try:
            super().invoke(ctx)
        except (Exception, SystemExit, KeyboardInterrupt) as trouble:
            if not isinstance(trouble, SystemExit):
                click.echo(f"not taken: {_sentence(trouble)}", err=True)
            raise SystemExit(TRY_AGAIN) from trouble


@click.command("ingest", cls=Faithful)
@config_option
@click.option("--channel", required=True, help="The mail channel that it comes in by.")
@click.option("--sender", help="Who handed it in, as in MAIL FROM; may be empty.")
@click.option("--recipient", "recipients", multiple=True, help="Whom it is for, as in RCPT TO.")
def ingest(
    config: Path | None, channel: str, sender: str | None, recipients: tuple[str, ...]
) -> None:
    """Take one message from standard input; exit 0 when it is on disk, else 75.

    \b
    deskbridge ingest --channel support-mail < message.eml
    Postfix:  desk unix - n n - 4 pipe user=deskbridge argv=deskbridge ingest
                --channel=support-mail --sender=${sender} --recipient=${recipient}
    """
    from deskbridge.cli.configuration import opened

    raw = sys.stdin.buffer.read()
    if not raw.strip():
        raise click.UsageError("nothing came on standard input")
    accepted = asyncio.run(
        _accept(opened(config, run_tests=False), channel, raw, sender, recipients)
    )
    click.echo(f"accepted as {accepted}", err=True)


async def _accept(
    configuration: "Configuration",
    channel: str,
    raw: bytes,
    sender: str | None,
    recipients: tuple[str, ...],
) -> int:
    from deskbridge.ingest import MAIL_KINDS, accept_directly, letter, path_for
    from deskbridge.local import call
    from inquiry.errors import TemporaryFailure
    from inquiry.journey import ChannelName

    name, desk = ChannelName(channel), configuration.desk
    entry = configuration.channels.get(name)
    if entry is None or entry.kind not in MAIL_KINDS:
        raise click.UsageError(f"there is no mail channel {channel!r}")
    reply = await call(desk.data_dir, "POST", path_for(name, sender, recipients), raw)
    if reply is None:
        arrival = letter(name, raw, sender=sender, recipients=recipients, now=datetime.now(UTC))
        return await accept_directly(desk.storage, desk.data_dir, arrival)
    said = json.loads(reply.body)
    if reply.status != 200:
        raise TemporaryFailure(str(said["problem"]))
    return int(said["arrival"])


def _sentence(trouble: BaseException) -> str:
    from inquiry.errors import BridgeError

    if isinstance(trouble, click.ClickException):
        return trouble.format_message()
    if isinstance(trouble, BridgeError):
        return str(trouble)
    return f"a fault of deskbridge: {type(trouble).__name__}"
