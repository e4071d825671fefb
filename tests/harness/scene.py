"""A desk with everything around it that a campaign needs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.harness.bridge import DESK, Bridge
from tests.harness.campaign import Campaign
from tests.harness.load import ByForm, ByImap, BySmtp, ByTelegram, Source
from tests.servers.dovecot import PASSWORD, dovecot
from tests.servers.postgres import postgres
from tests.servers.sink import smtp_sink
from tests.servers.telegram import telegram


@asynccontextmanager
async def scene(folder: Path, *, database: str, durable: bool) -> AsyncIterator[Campaign]:
    """Start the servers around a desk; the desk itself is the campaign's to start and kill."""
    async with AsyncExitStack() as stack:
        storage, server = "sqlite", None
        if database == "postgres":
            server = stack.enter_context(postgres(durable=durable))
            storage = server.create("desk")
        sink = await stack.enter_async_context(smtp_sink())
        fake = await stack.enter_async_context(telegram(log=folder / "telegram"))
        mailboxes = stack.enter_context(dovecot())
        desk = folder / "desk.yaml"
        desk.write_bytes(DESK.read_bytes())
        bridge = Bridge(
            folder=folder,
            desk=desk,
            storage=storage,
            environment={
                "SINK_PORT": str(sink.port),
                "IMAP_PORT": str(mailboxes.port),
                "IMAP_PASSWORD": PASSWORD,
                "TELEGRAM_API": fake.api,
                "TELEGRAM_TOKEN": fake.token,
            },
        )
        sources: list[Source] = [
            BySmtp(bridge.smtp_port),
            ByTelegram(fake),
            ByImap(mailboxes, "support"),
            ByForm(bridge.url),
        ]
        try:
            yield Campaign(
                bridge=bridge, sources=sources, sink=sink, telegram=fake, postgres=server
            )
        finally:
            if bridge.alive:
                await bridge.kill()
