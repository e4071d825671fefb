"""The web server of a running desk, and the local socket of its command line."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial

from aiohttp import web

from channels.contract import Inlet
from channels.form import FormChannel
from deskbridge import acting, ingest, status, wiring
from deskbridge.bridge import Bridge
from deskbridge.cli.stored import explained
from deskbridge.local_site import served as served_locally
from inquiry.journey import ChannelName, InquiryId
from storage import decisions
from web.app import make_app
from web.desk import Demo, Desk


@asynccontextmanager
async def served(bridge: Bridge, *, public: bool) -> AsyncIterator[None]:
    """Serve the pages (if ``public``) and the local socket until the end."""
    async with AsyncExitStack() as stack:
        data_dir = bridge.configuration.desk.data_dir
        routes = [
            *ingest.routes(_mail_inlets(bridge)),
            *status.routes(bridge),
            *acting.routes(partial(_where, bridge)),
        ]
        await stack.enter_async_context(served_locally(data_dir, routes))
        if public:
            runner = web.AppRunner(make_app(desk(bridge)), access_log=None, shutdown_timeout=5)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            host, _, port = bridge.configuration.web.listen.rpartition(":")
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        yield


def desk(bridge: Bridge) -> Desk:
    """Return what the pages need to know."""
    configuration = bridge.configuration
    about = configuration.desk
    demo = bridge.demo
    return Desk(
        db=bridge.db,
        inlet=bridge.intake.inlet,
        keys=bridge.key_ring,
        name=about.name,
        url=about.url,
        languages=tuple(map(str, about.languages)),
        timezone=about.timezone,
        people=configuration.specialists,
        queues=configuration.queues,
        channels=wiring.contacts(configuration),
        forms=[one for one in bridge.channels.values() if isinstance(one, FormChannel)],
        receivers=bridge.web_receivers,
        undo_time=about.hold.mail,
        undo_times=wiring.undo_times(configuration),
        explain=partial(_explain, bridge),
        arrivals_bell=bridge.bells.arrivals.ring,
        answers_bell=bridge.bells.answers.ring,
        outbox_bell=bridge.bells.outbox.ring,
        channel_up=lambda: {
            name: bridge.pulse.up[name] for name in bridge.channels if name in bridge.pulse.up
        },
        channel_trouble=lambda: bridge.pulse.trouble,
        demo=Demo(folder=demo.folder, port=demo.port, address=demo.address) if demo else None,
    )


def _mail_inlets(bridge: Bridge) -> Callable[[ChannelName], Inlet | None]:
    def inlet_of(channel: ChannelName) -> Inlet | None:
        entry = bridge.configuration.channels.get(channel)
        if entry is None or entry.kind not in ingest.MAIL_KINDS:
            return None
        return bridge.intake.inlet(channel)

    return inlet_of


def _where(bridge: Bridge, now: datetime) -> acting.Where:
    return acting.Where(
        db=bridge.db,
        configuration=bridge.configuration,
        now=now,
        arrivals_bell=bridge.bells.arrivals.ring,
        answers_bell=bridge.bells.answers.ring,
        outbox_bell=bridge.bells.outbox.ring,
    )


async def _explain(bridge: Bridge, inquiry: InquiryId) -> str:
    """Return what ``deskbridge explain`` says of an inquiry."""
    recorded = await bridge.db.read(lambda tx: decisions.of_inquiry(tx, inquiry))
    return "\n\n".join(explained(bridge.configuration, one, verbose=True) for one in recorded)
