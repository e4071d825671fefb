"""Is every arrival kept once, in few commits, or clearly not accepted?"""

from inquiry.journey import ChannelName
from storage.database import Database
from storage.intake import Intake
from tests.storage.arrivals import an_arrival

MAIL = ChannelName("support-mail")


async def test_accepting_again_returns_the_first_id(database: Database) -> None:
    inlet = Intake(database).inlet(MAIL)
    first = await inlet.accept(an_arrival(remote_id="1"))
    other = await inlet.accept(an_arrival(remote_id="2"))
    assert await inlet.accept(an_arrival(remote_id="1")) == first
    assert other != first
    assert await inlet.known(["1", "2", "3"]) == {"1", "2"}
