"""Does the Slack channel keep what every channel promises, by Socket Mode and by HTTP?"""

from collections.abc import AsyncIterator

import pytest

from channels.contract import Fetcher, Receiver, Sender, WebReceiver
from tests.channels.slack_world import World, opened
from tests.channels.suite import Receiving, Sending
from tests.servers.slack.server import FakeSlack, slack


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with slack() as started:
        yield started


class TestSocketMode(Receiving, Sending):
    @pytest.fixture
    async def world(self, fake: FakeSlack) -> World:
        return World(fake)


class TestHttp(Receiving):
    @pytest.fixture
    async def world(self, fake: FakeSlack) -> World:
        return World(fake, "http")


@pytest.mark.parametrize(("mode", "called"), [("socket", False), ("http", True)])
async def test_the_app_is_all_that_a_channel_can_be(
    fake: FakeSlack, mode: str, called: bool
) -> None:
    async with opened(fake, mode) as channel:
        assert isinstance(channel, Receiver)
        assert isinstance(channel, Sender)
        assert isinstance(channel, Fetcher)
        assert isinstance(channel, WebReceiver) is called
