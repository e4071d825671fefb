"""A desk with everything around it that a campaign needs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.harness.bridge import DESK, Bridge
from tests.harness.campaign import Campaign, Peers
from tests.harness.chats import SECRET as CHAT_SECRET
from tests.harness.chats import ByChat, BySlack, ByWebhook
from tests.harness.load import ByForm, ByImap, BySmtp, ByTelegram, Source
from tests.servers.dovecot import PASSWORD, dovecot
from tests.servers.other_system import SECRET as HOOK_SECRET
from tests.servers.other_system import other_system
from tests.servers.postgres import postgres
from tests.servers.sink import smtp_sink
from tests.servers.slack.names import APP_TOKEN, BOT_TOKEN
from tests.servers.slack.names import SECRET as SLACK_SECRET
from tests.servers.slack.server import slack
from tests.servers.telegram import telegram

SLACKS = ("slack-socket", "slack-http")
HOOKS = "hooks"


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
        slacks = {name: await stack.enter_async_context(slack()) for name in SLACKS}
        other = await stack.enter_async_context(other_system())
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
                "SLACK_BOT": BOT_TOKEN,
                "SLACK_APP": APP_TOKEN,
                "SLACK_SECRET": SLACK_SECRET,
                "SLACK_SOCKET_API": slacks["slack-socket"].api,
                "SLACK_HTTP_API": slacks["slack-http"].api,
                "CHAT_SECRET": CHAT_SECRET,
                "HOOK_SECRET": HOOK_SECRET,
                "HOOK_URL": other.url,
            },
        )
        slacks["slack-http"].push_to = f"{bridge.url}/slack/events"
        other.to = f"{bridge.url}/hooks/{HOOKS}"
        sources: list[Source] = [
            BySmtp(bridge.smtp_port),
            ByTelegram(fake),
            ByImap(mailboxes, "support"),
            ByForm(bridge.url),
            *(BySlack(one, name) for name, one in slacks.items()),
            ByChat(f"{bridge.url}/chat/shop-chat"),
            ByWebhook(other, HOOKS),
        ]
        peers = Peers(sink, fake, slacks, other)
        try:
            yield Campaign(bridge=bridge, sources=sources, peers=peers, postgres=server)
        finally:
            if bridge.alive:
                await bridge.kill()
