"""Which addresses may stand on a wire, and whose are they?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.addresses import Addresses, is_plain, split_mailbox, wire_address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("kari@fjell.example", "kari@fjell.example", id="ordinary"),
        pytest.param("Kari.N+x=1@Fjell.Example", "Kari.N+x=1@Fjell.Example", id="case is kept"),
        pytest.param("a@b", "a@b", id="a host without dots"),
        pytest.param("ania@łódź.example", "ania@xn--d-uga0v4h.example", id="a domain beyond ASCII"),
        pytest.param("анна@почта.example", "анна@xn--80a1acny.example", id="all beyond ASCII"),
        pytest.param("", None, id="nothing"),
        pytest.param("kari", None, id="no domain"),
        pytest.param("@fjell.example", None, id="no local part"),
        pytest.param("kari@", None, id="an empty domain"),
        pytest.param("a@b>\r\nRSET", None, id="a command behind it"),
        pytest.param("a@b.example\n", None, id="a line end behind it"),
        pytest.param("a b@c.example", None, id="a space"),
        pytest.param("<a@b.example>", None, id="brackets"),
        pytest.param('"a b"@c.example', None, id="quoted"),
        pytest.param("a@@b.example", None, id="two at signs"),
        pytest.param("a..b@c.example", None, id="two dots"),
        pytest.param(".a@c.example", None, id="a dot first"),
        pytest.param("a@-b.example", None, id="a hyphen first"),
        pytest.param("a@b..example", None, id="an empty label"),
        pytest.param("a@[127.0.0.1]", None, id="an address literal"),
        pytest.param("a\u2028b@c.example", None, id="a line separator"),
        pytest.param("a\u200bb@c.example", None, id="something invisible"),
        pytest.param("a\ud800@c.example", None, id="half a letter"),
        pytest.param("a" * 65 + "@c.example", None, id="a local part too long"),
        pytest.param("a@" + "b" * 64 + ".example", None, id="a label too long"),
        pytest.param("a@" + "b" * 60 + ".b" * 120, None, id="all too long"),
        pytest.param("a@\u2490.example", None, id="a domain that folds into dots"),
    ],
)
def test_an_address_on_the_wire(text: str, expected: str | None) -> None:
    assert wire_address(text) == expected


@given(st.text(max_size=80))
def test_nothing_on_the_wire_can_end_a_command(text: str) -> None:
    address = wire_address(text)
    assert address is None or not set(address) & set('\r\n\t\0 <>"\\,;:()[]\u2028\u2029\x85')


@given(st.emails())
def test_a_plain_address_stands_on_the_wire_as_it_is(address: str) -> None:
    if is_plain(address) and wire_address(address) is not None:
        assert wire_address(address) == address


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        pytest.param("help@nordlys.example", True, id="named"),
        pytest.param("HELP@Nordlys.Example", True, id="shouted"),
        pytest.param("help+12.abc@nordlys.example", True, id="with a plus token"),
        pytest.param("anybody@desk.nordlys.example", True, id="anybody in a domain"),
        pytest.param("faktura@nordlys.example", False, id="somebody else"),
        pytest.param("a@sub.desk.nordlys.example", False, id="a domain below"),
        pytest.param("a@evildesk.nordlys.example", False, id="a domain that only ends alike"),
        pytest.param("help@other.example", False, id="another domain"),
        pytest.param("help%nordlys.example@other.example", False, id="a route through us"),
        pytest.param("help", False, id="no domain"),
    ],
)
def test_only_our_own_addresses_are_ours(address: str, ours: bool) -> None:
    addresses = Addresses(["Help@nordlys.example", "*@desk.nordlys.example"])
    assert (address in addresses) is ours


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        pytest.param("help@x.example", "", "help@x.example", id="bare"),
        pytest.param("Nordlys Support <help@x.example>", "Nordlys Support", "help@x.example"),
    ],
)
def test_a_mailbox_has_a_name_and_an_address(text: str, name: str, address: str) -> None:
    assert split_mailbox(text) == (name, address)
