"""The web server of a running desk, and the local socket of its command line."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from ipaddress import ip_network
from typing import Any

from aiohttp import web

from channels.contract import DeepLinks, Inlet
from channels.form import FormChannel
from channels.webchat.channel import WebChat
from deskbridge import acting, ingest, status, wiring
from deskbridge.bridge import Bridge
from deskbridge.lab import Explainer
from deskbridge.local_site import served as served_locally
from deskbridge.reloading import Reloading
from inquiry.journey import ChannelName
from web.access import FRONT
from web.app import face_of, make_app
from web.desk import Demo, Desk, Elsewhere, Loaded

CHATS = ("telegram", "slack", "web-chat")
"""Sorts of contact points that talk to the desk alone."""


@asynccontextmanager
async def served(bridge: Bridge, reloading: Reloading, *, public: bool) -> AsyncIterator[None]:
    """Serve the pages (if ``public``) and the local socket until the end."""
    async with AsyncExitStack() as stack:
        data_dir = bridge.configuration.desk.data_dir
        routes = [
            *ingest.routes(_mail_inlets(bridge)),
            *status.routes(bridge),
            *acting.routes(partial(_where, bridge)),
            *_reload_routes(reloading),
        ]
        await stack.enter_async_context(served_locally(data_dir, routes))
        if public:
            app = make_app(desk(bridge, reloading))
            bridge.show = lambda: app[FRONT].show(face_of(desk(bridge, reloading)))
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            host, _, port = bridge.configuration.web.listen.rpartition(":")
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        yield


def desk(bridge: Bridge, reloading: Reloading) -> Desk:
    """Return what the pages need to know."""

    async def reload(skip_tests: bool) -> tuple[bool, Mapping[str, Any]]:
        reloaded = await reloading.reload(by="HTTP", skip_tests=skip_tests)
        return reloaded.applied, reloaded.as_data()

    configuration = bridge.configuration
    about = configuration.desk
    demo, explainer = bridge.demo, Explainer(bridge)
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
        elsewhere=partial(_elsewhere, bridge),
        chats=[one for one in bridge.channels.values() if isinstance(one, WebChat)],
        calendars=configuration.calendars,
        confirms=wiring.confirms(configuration),
        receivers=bridge.web_receivers,
        undo_time=about.hold.mail,
        undo_times=wiring.undo_times(configuration),
        explain=explainer.explain,
        lab=explainer.try_out,
        propose=explainer.propose,
        organizations=configuration.organizations,
        rules=lambda: [rule.name for rule in configuration.rules.rules],
        arrivals_bell=bridge.bells.arrivals.ring,
        answers_bell=bridge.bells.answers.ring,
        outbox_bell=bridge.bells.outbox.ring,
        channel_up=lambda: {
            name: bridge.pulse.up[name] for name in bridge.channels if name in bridge.pulse.up
        },
        channel_trouble=lambda: bridge.pulse.trouble,
        operator_token=configuration.web.operator_token,
        trusted_proxies=tuple(map(ip_network, configuration.web.trusted_proxies)),
        reload=reload,
        loaded=lambda: _loaded(bridge),
        demo=Demo(folder=demo.folder, port=demo.port, address=demo.address) if demo else None,
    )


async def _elsewhere(bridge: Bridge, said: str) -> list[Elsewhere]:
    """Return the chats in which a customer can go on by saying this; each sort once."""
    found: dict[str, Elsewhere] = {}
    for name, contact in wiring.contacts(bridge.configuration).items():
        channel = bridge.channels.get(name)
        if channel is None or contact not in CHATS or contact in found:
            continue
        link = await channel.deep_link(said) if isinstance(channel, DeepLinks) else ""
        found[contact] = Elsewhere(contact=contact, link=link)
    return list(found.values())


def _loaded(bridge: Bridge) -> Loaded:
    last, importing = bridge.last_reload, bridge.importing
    return Loaded(
        successful=last.applied,
        tried_at=last.at,
        in_force_since=last.in_force_since,
        sentence=last.sentence,
        problems=tuple(last.shown) if not last.applied else (),
        remarks=last.remarks,
        customers=importing.trouble if importing.configured else None,
    )


def _reload_routes(reloading: Reloading) -> list[web.AbstractRouteDef]:
    """Return what ``deskbridge reload`` asks on the local socket."""

    async def reload(request: web.Request) -> web.Response:
        skip_tests = "skip-tests" in request.query
        reloaded = await reloading.reload(by="deskbridge reload", skip_tests=skip_tests)
        return web.json_response(reloaded.as_data())

    return [web.post("/reload", reload)]


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
        importing=bridge.importing,
    )
