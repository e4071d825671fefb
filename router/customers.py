"""Who writes, as the configuration knows it: organizations by the domains of their addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from inquiry.decision import Facts
from inquiry.domains import domain_key, domain_of, with_those_above


@dataclass(frozen=True, slots=True)
class Organization:
    """``acme: {domains: [acme.example], contract: gold}``"""

    name: str
    domains: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


class Organizations:
    """All organizations, found by name or by domain."""

    def __init__(self, organizations: Iterable[Organization] = ()) -> None:
        self._by_name = {each.name: each for each in organizations}

    def named(self, name: str) -> Organization | None:
        """Return the one of this name."""
        return self._by_name.get(name)

    @cached_property
    def by_domain(self) -> Mapping[str, Organization]:
        """Return them by the keys of their domains."""
        return {
            domain_key(domain): each for each in self._by_name.values() for domain in each.domains
        }


def organization_of(organizations: Organizations, address: str) -> Organization | None:
    """Return the organization whose domain, or one above it, an address is in; the nearest one."""
    above = with_those_above(domain_of(address))
    return next((found for each in above if (found := organizations.by_domain.get(each))), None)


def with_organization(facts: Facts, organizations: Organizations) -> Facts:
    """Add what the organizations say of a customer to what is recorded of this very one."""
    if facts.in_doubt:
        return replace(facts, organization="", attributes={})
    own = dict(facts.recorded)
    address = facts.customer.get("address", "")
    name = own.pop("organization", "")
    addresses = (address, *facts.also)
    by_domain = (organization_of(organizations, one) for one in addresses)
    known = organizations.named(name) if name else next(filter(None, by_domain), None)
    if known is None:
        return replace(facts, organization=name, attributes=own)
    return replace(facts, organization=known.name, attributes={**known.attributes, **own})
