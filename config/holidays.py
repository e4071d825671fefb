"""Holidays of countries, as plain dates.

They are worked out for a fixed span of years and become part of the text of the configuration, as
a file does: a configuration that was kept means the same ever after, whichever version of the
list of holidays is installed by then.
"""

from collections.abc import Collection, Mapping
from datetime import date

from config.files import Files
from config.findings import nearest
from config.nodes import Scalar
from config.reader import Reader, Unreadable
from config.scalars import Word

FIRST_YEAR, LAST_YEAR = 2020, 2040


def country_holidays(
    reader: Reader, files: Files, country: Word, region: Word | None
) -> Mapping[date, str]:
    """Return the public holidays of a country with their names. Raises Unreadable."""
    name = f"holidays {country}" + (f" {region}" if region else "")
    text = files.derived(name, lambda: _listed(reader, country, region))
    return dict(_holiday(line) for line in text.splitlines())


def _holiday(line: str) -> tuple[date, str]:
    day, _, name = line.partition(" ")
    return date.fromisoformat(day), name


def _listed(reader: Reader, country: Word, region: Word | None) -> str:
    import holidays  # takes a tenth of a second, so only where a country is named

    known = {names[1]: names for names in holidays.registry.COUNTRIES.values()}
    if country not in known:
        text = f"no country {str(country)!r}"
        raise _unknown(reader, country, text, _country_meant(country, known))
    base = holidays.country_holidays(country, language="en_US")
    if region and region not in base.subdivisions:
        aliases = base.subdivisions_aliases
        meant = aliases.get(nearest(region, aliases)) or nearest(region, base.subdivisions)
        text = f"no region {str(region)!r} of {country}"
        raise _unknown(reader, region, text, _hint(meant, base.subdivisions))
    found = holidays.country_holidays(
        country,
        subdiv=region,
        years=range(FIRST_YEAR, LAST_YEAR + 1),
        # Without one the names would be in the language of the environment.
        language=base.default_language or "en_US",
    )
    return "".join(f"{day} {' '.join(name.split())}\n" for day, name in sorted(found.items()))


def _unknown(reader: Reader, word: Word, text: str, hint: str) -> Unreadable:
    return reader.wrong(Scalar(str(word), word.place), text, hint)


def _country_meant(country: Word, known: Mapping[str, tuple[str, ...]]) -> str:
    """Look among names and longer codes too; of two letters the first is likelier right."""
    words = {word.casefold(): code for code, names in known.items() for word in names}
    text = country.casefold().replace(" ", "")
    meant = text if text in words or len(text) < 4 else nearest(text, words)
    near = [code for code in known if code[:1] == country[:1].upper()]
    return _hint(words.get(meant, ""), near or known)


def _hint(meant: str, known: Collection[str]) -> str:
    if meant:
        return f"did you mean {meant!r}?"
    return f"there are {', '.join(sorted(known))}" if known else "it has no regions here"
