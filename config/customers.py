"""The ``customers:`` section: which attributes they have, where these come from, organizations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from config.findings import Findings, did_you_mean
from config.nodes import Entry, Listing, Node, Scalar
from config.reader import Reader
from config.scalars import Word, boolean

MatchOn = Literal["email", "phone", "domain"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """``vip: boolean``, ``region: text`` or ``contract: [basic, gold]``."""

    kind: Literal["boolean", "text", "choice"]
    choices: tuple[str, ...] = ()

    @property
    def otherwise(self) -> str:
        """Return what a customer has of whom nothing is said."""
        return "no" if self.kind == "boolean" else ""

    def plain(self, value: str) -> str:
        """Return a value in its one spelling. Raises ValueError if it is none of this attribute."""
        if self.kind == "boolean":
            return "yes" if boolean(value) else "no"
        if self.kind == "choice" and value not in self.choices:
            raise ValueError(f"{value!r} is not one of {', '.join(self.choices)}")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A file of customers with a line each; its first line names the columns."""

    file: Path
    match_on: tuple[MatchOn, ...] = ("email",)
    ignore: tuple[str, ...] = ()
    """Columns that are not read; ``*`` is all that are not known."""


@dataclass(frozen=True, slots=True)
class OrganizationEntry:
    """``acme: {domains: [acme.example], contract: gold}``"""

    domains: tuple[Word, ...]
    attributes: Mapping[Word, Word]


def read_attributes(reader: Reader, node: Node) -> Mapping[str, Attribute]:
    """Read the kinds of attributes. Raises Unreadable."""
    entries = reader.entries(node, "names and kinds: boolean, text or a list")
    return dict(reader.all_of(entries, lambda entry: (entry.key.text, _attribute(reader, entry))))


def _attribute(reader: Reader, entry: Entry) -> Attribute:
    if entry.key.text in ("organization", "known", "domains", "language"):
        raise reader.wrong(entry.key, f"{entry.key.text!r} is kept for what deskbridge knows")
    if isinstance(entry.value, Listing):
        return Attribute("choice", tuple(map(str, reader.read(entry.value, tuple[Word, ...]))))
    kind = reader.choice(entry.value, ("boolean", "text"))
    return Attribute("boolean" if kind == "boolean" else "text")


def read_organization(reader: Reader, node: Node) -> OrganizationEntry:
    """Read one organization. Raises Unreadable."""
    domains: tuple[Word, ...] = ()
    attributes = {}
    for entry in reader.entries(node, "domains and attributes"):
        if entry.key.text == "domains":
            domains = reader.read(entry.value, tuple[Word, ...])
            _check_domains(reader, domains)
        else:
            key = Word.at(entry.key.text, entry.key.place)
            attributes[key] = reader.read(entry.value, Word)
    return OrganizationEntry(domains, attributes)


def _check_domains(reader: Reader, domains: tuple[Word, ...]) -> None:
    """Refuse what no address can have behind its @, such as a whole address or a link."""
    for domain in domains:
        if re.search(r"[\s/:,]|.@", domain):
            last = domain.rpartition("@")[2].removeprefix("https://").partition("/")[0]
            hint = f"did you mean {last!r}?" if re.fullmatch(r"[\w.-]+\.[\w-]+", last) else ""
            told = f"{str(domain)!r} is not a domain such as acme.example"
            raise reader.wrong(Scalar(domain, domain.place), told, hint)


def read_organizations(reader: Reader, node: Node) -> Mapping[Word, OrganizationEntry]:

    def named(entry: Entry) -> tuple[Word, OrganizationEntry]:
        name = Word.at(entry.key.text, entry.key.place)
        return name, read_organization(reader, entry.value)

    return dict(reader.all_of(reader.entries(node, "organizations"), named))


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """Who writes to the desk, as far as it is known beforehand."""

    attributes: Mapping[str, Attribute] = field(
        default_factory=dict, metadata={"read": read_attributes}
    )
    import_: Import | None = field(default=None, metadata={"yaml": "import"})
    organizations: Mapping[Word, OrganizationEntry] = field(
        default_factory=dict, metadata={"read": read_organizations}
    )


def check_customers(customers: Customers, findings: Findings) -> None:
    """Note attributes that aren't there, wrong values, and domains that two organizations have."""
    first: dict[str, Word] = {}
    for name, entry in customers.organizations.items():
        for attribute, value in entry.attributes.items():
            check_attribute(customers.attributes, attribute, (value,), findings)
        for domain in entry.domains:
            key = domain.lower()
            if key in first:
                text = f"{str(domain)!r} is the domain of two organizations"
                findings.error(domain.place, "duplicate-key", text, f"first of {first[key]!s}")
            first.setdefault(key, name)


def check_attribute(
    attributes: Mapping[str, Attribute], name: Word, values: tuple[Word, ...], findings: Findings
) -> None:
    """Note an attribute that customers don't have, or a value that it can't have."""
    attribute = attributes.get(name)
    if attribute is None:
        known = (*attributes, "organization", "known")
        hint = did_you_mean(name, known, "attributes")
        findings.error(name.place, "reference", f"no attribute {str(name)!r} of customers", hint)
        return
    for value in values:
        _check_value(attribute, value, findings)


def _check_value(attribute: Attribute, value: Word, findings: Findings) -> None:
    try:
        attribute.plain(value)
    except ValueError as error:
        hint = did_you_mean(value, attribute.choices)
        findings.error(value.place, "value", str(error), hint)


def values_of(customers: Customers, entry: OrganizationEntry) -> Mapping[str, str]:
    """Return an organization's attributes in their one spelling."""
    return {
        str(name): customers.attributes[name].plain(value)
        for name, value in entry.attributes.items()
    }
