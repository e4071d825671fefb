"""What the owner of a domain wants to be proven (RFC 9989), and whose domain is whose.

Whether two domains have one owner is found by walking up the DNS; no list of public suffixes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from channels.mail.names import Names, parents


@dataclass(frozen=True, slots=True)
class Wish:
    """One valid record: where it stands, and its tags."""

    domain: str
    tags: Mapping[str, str] = field(default_factory=dict)

    def strict(self, tag: str) -> bool:
        return self.tags.get(tag, "r").lower() == "s"


@dataclass(frozen=True, slots=True)
class Proof:
    """A domain for which SPF or DKIM passed, and the tag that says how near it has to be."""

    domain: str
    tag: str


def wish_of(names: Names, domain: str) -> Wish | None:
    """Find the record that holds for a domain: its own, else its organization's.

    Raises:
        Unanswered: the DNS does not say.
    """
    found = _walk(names, domain)
    if not found or found[0].domain == domain:
        return found[0] if found else None
    owner = _owner(domain, found)
    return next((one for one in found if one.domain == owner), found[-1])


def aligned(names: Names, wish: Wish, domain: str, proof: Proof) -> bool:
    """Does a proof speak for ``domain``, as near to it as the wish demands?

    Raises:
        Unanswered: the DNS does not say.
    """
    if proof.domain == domain:
        return True
    if wish.strict(proof.tag) or proof.domain.split(".")[-1] != domain.split(".")[-1]:
        return False
    return organization(names, proof.domain) == organization(names, domain)


def organization(names: Names, domain: str) -> str:
    """Return the topmost domain of a domain's owner.

    Raises:
        Unanswered: the DNS does not say.
    """
    return _owner(domain, _walk(names, domain))


def _walk(names: Names, domain: str) -> Sequence[Wish]:
    """Collect the valid records from a domain upwards."""
    found = []
    for name in parents(domain):
        tags = _tags(names.texts(f"_dmarc.{name}"))
        if tags:
            found.append(Wish(name, tags))
            if tags.get("psd", "u").lower() in ("n", "y"):
                break
    return found


def _owner(domain: str, found: Sequence[Wish]) -> str:
    if not found:
        return domain
    last = found[-1]
    if last.tags.get("psd", "u").lower() == "y" and last.domain != domain:
        below = domain.removesuffix(f".{last.domain}")
        return f"{below.rpartition('.')[2]}.{last.domain}"
    return last.domain


def _tags(records: Sequence[bytes]) -> Mapping[str, str]:
    """Read the one record that is about this; several count as none."""
    texts = [record.decode("ascii", "replace") for record in records]
    ours = [text for text in texts if text.split(";")[0].replace(" ", "") == "v=DMARC1"]
    if len(ours) != 1:
        return {}
    pairs = (tag.split("=", 1) for tag in ours[0].split(";") if "=" in tag)
    return {name.strip().lower(): value.strip() for name, value in pairs}
