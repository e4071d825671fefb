"""Is it known who calls, and does nobody choose it for themselves?"""

from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from channels.peer import counted_as, peer_of, seen_by

TRUSTED = (ip_network("10.0.0.0/24"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("remote", "told", "peer"),
    [
        pytest.param("192.0.2.7", [], "192.0.2.7", id="no proxy"),
        pytest.param("192.0.2.7", ["198.51.100.1"], "192.0.2.7", id="a stranger's word"),
        pytest.param("127.0.0.1", ["198.51.100.1"], "198.51.100.1", id="a proxy here"),
        pytest.param("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1", id="here, mapped"),
        pytest.param("10.0.0.5", ["198.51.100.1"], "198.51.100.1", id="a named proxy"),
        pytest.param("fd00::5", ["2001:db8::1"], "2001:db8::1", id="IPv6"),
        pytest.param(
            "10.0.0.5", ["1.1.1.1, 198.51.100.1"], "198.51.100.1", id="what the customer claims"
        ),
        pytest.param(
            "10.0.0.5", ["1.1.1.1, 198.51.100.1, 10.0.0.9"], "198.51.100.1", id="two proxies"
        ),
        pytest.param(
            "10.0.0.5", ["1.1.1.1", "198.51.100.1"], "198.51.100.1", id="the header comes twice"
        ),
        pytest.param("10.0.0.5", ["10.0.0.9"], "10.0.0.9", id="nobody else"),
        pytest.param("10.0.0.5", ["198.51.100.1:4711"], "198.51.100.1", id="with a port"),
        pytest.param("10.0.0.5", ["[2001:db8::1]:4711"], "2001:db8::1", id="IPv6 with a port"),
        pytest.param("10.0.0.5", ["unknown"], "10.0.0.5", id="no address"),
        pytest.param("10.0.0.5", ["1.1.1.1, \x00, 10.0.0.9"], "10.0.0.9", id="nonsense between"),
        pytest.param("10.0.0.5", [",".join(["10.0.0.9"] * 5000)], "10.0.0.9", id="without end"),
        pytest.param("10.0.1.5", ["198.51.100.1"], "10.0.1.5", id="a neighbour of the network"),
    ],
)
def test_who_calls(remote: str, told: list[str], peer: str) -> None:
    headers = CIMultiDict([("X-Forwarded-For", line) for line in told])
    request = make_mocked_request("GET", "/", headers=headers).clone(remote=remote)
    assert seen_by(TRUSTED, request) == peer


def test_where_nobody_looked_it_is_the_other_end() -> None:
    assert peer_of(make_mocked_request("GET", "/").clone(remote="192.0.2.7")) == "192.0.2.7"


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", id="IPv4"),
        pytest.param("::ffff:192.0.2.7", "192.0.2.7", id="the same, mapped"),
        pytest.param("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", id="IPv6"),
        pytest.param("2001:db8:1:2::ffff", "2001:db8:1:2::/64", id="a neighbour of it"),
        pytest.param("2001:db8:1:3::6", "2001:db8:1:3::/64", id="another subscriber"),
        pytest.param("", "", id="nobody"),
    ],
)
def test_limits_count_subscribers(peer: str, counted: str) -> None:
    assert counted_as(peer) == counted
