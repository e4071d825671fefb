"""Templates: what is said without a person, in the customer's language.

A template fills in words; it does not compute. Loops, calls and arithmetic are refused when it is
loaded, so none can take long or grow large.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment

from inquiry.errors import BridgeError
from inquiry.journey import Reference

SHIPPED = Path(__file__).parent / "templates"
LARGEST = 32 * 1024
VARIABLES = frozenset(
    {
        *("reference", "status_link", "subject", "customer_name", "desk_name"),
        *("specialist_name", "code", "address", "files", "sort", "undo_link"),
    }
)
FILTERS = frozenset({"capitalize", "default", "lower", "title", "trim", "upper"})
ALLOWED = (
    nodes.And,
    nodes.Compare,
    nodes.CondExpr,
    nodes.Const,
    nodes.Filter,
    nodes.If,
    nodes.Name,
    nodes.Not,
    nodes.Operand,
    nodes.Or,
    nodes.Output,
    nodes.Template,
    nodes.TemplateData,
)
SUBJECT = "subject:"
CHAT = ".chat"
"""What the name of a template ends with that is for chats: ``ack.chat.en.md``."""
UNFILLABLE = (TemplateError, TypeError, ValueError)
"""What a template raises that compares or changes what can't be."""
SAMPLES = (
    {
        "reference": "NL-2026-01877",
        "status_link": "https://help.example/s/token",
        "subject": "The printer is broken",
        "customer_name": "Jan Kowalski",
        "desk_name": "Help",
        "specialist_name": "Kasia Nowak",
        "code": "K7QX-M2RD",
        "address": "ja…@kunde.example",
        "files": "report.pdf, pictures.zip",
        "sort": "telegram",
        "undo_link": "https://help.example/u/token",
    },
    dict.fromkeys(VARIABLES, ""),
)


class TemplateFault(BridgeError):
    """A template can't be used; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """What a template may speak of."""

    reference: Reference
    status_link: str
    subject: str
    customer_name: str
    desk_name: str
    specialist_name: str
    code: str = ""
    """Only in the template ``code``."""
    address: str = ""
    """Of what a chat was joined to, or where a code was sent: half hidden."""
    files: str = ""
    """Only in the template ``by-link``: what the channel can't carry."""
    sort: str = ""
    """Only in ``joined-elsewhere``, likewise the next: what was joined, ``mail``, ``telegram``."""
    undo_link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """A filled-in template."""

    text: str
    language: str
    subject: str = ""
    """From its first line ``Subject: …``; "" if it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """All templates of a desk by name and language."""

    texts: Mapping[tuple[str, str], str]
    languages: tuple[str, ...] = ("en",)
    """The desk's, the first is the default."""
    language_fallback: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def names(self) -> frozenset[str]:
        """Return the names under which there is a template in at least one language."""
        return frozenset(name.removesuffix(CHAT) for name, _ in self.texts)

    def word(self, name: str, language: str, variables: Variables, *, chat: bool = False) -> Worded:
        """Fill in template ``name`` in ``language``, or in the nearest that there is.

        In a chat its short form, where that language has one.

        Raises:
            TemplateFault: there is no such template, or it can't be filled in.
        """
        forms = (name + CHAT, name) if chat else (name,)
        for candidate in self.candidates(language):
            for form in forms:
                if (form, candidate) in self.texts:
                    text = render(self.texts[form, candidate], variables)
                    return _with_subject(text, candidate)
        raise TemplateFault(f"there is no template {name!r}")

    def candidates(self, language: str) -> list[str]:
        """Return the languages to look for, the nearest first."""
        plain = language.partition("-")[0]
        wanted = [language, *self.language_fallback.get(language, ())]
        wanted += [plain, *self.language_fallback.get(plain, ())]
        if plain not in self.languages:
            wanted += self.language_fallback.get("else", ())
        return list(dict.fromkeys([*wanted, *self.languages, "en"]))


def load(
    folder: Path | None = None,
    languages: tuple[str, ...] = ("en",),
    language_fallback: Mapping[str, tuple[str, ...]] | None = None,
) -> Templates:
    """Read the templates that ship with the product and, over them, those of ``folder``.

    Raises:
        TemplateFault: one can't be used; the sentence names its file.
    """
    texts, own = dict(_texts(SHIPPED)), dict(_texts(folder)) if folder else {}
    for name, language in own:  # the desk's own letter is nearer to it than our short form
        texts.pop((name + CHAT, language), None)
    texts.update(own)
    return Templates(texts=texts, languages=languages, language_fallback=language_fallback or {})


def faults(text: str) -> list[str]:
    """Say what is wrong with a template's text; empty if nothing."""
    if len(text) > LARGEST:
        return [f"longer than {LARGEST} characters"]
    try:
        tree = ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        return [f"line {error.lineno}: {error.message}"]
    return [*_strange_nodes(tree), *_strange_variables(tree)] or list(_tried(text))


def render(text: str, variables: Variables) -> str:
    """Fill in one template.

    Raises:
        TemplateFault: it can't be filled in.
    """
    values = {name: getattr(variables, name) for name in VARIABLES}
    try:
        return _compiled(text).render(values).strip()
    except UNFILLABLE as error:
        raise TemplateFault(str(error)) from error


@lru_cache(maxsize=512)
def _compiled(text: str) -> Template:
    if wrong := faults(text):
        raise TemplateFault("; ".join(wrong))
    return ENVIRONMENT.from_string(text)


def _tried(text: str) -> Iterator[str]:
    """Fill it in for a customer who is known, and for one of whom nothing is."""
    try:
        template = ENVIRONMENT.from_string(text)
        for sample in SAMPLES:
            template.render(sample)
    except UNFILLABLE as error:
        yield f"it can't be filled in: {error}"


def _texts(folder: Path) -> Iterator[tuple[tuple[str, str], str]]:
    for path in sorted(folder.glob("*.md")):
        name, _, language = path.name.removesuffix(".md").rpartition(".")
        if not name:
            raise TemplateFault(f"{path}: the name needs a language, such as {language}.en.md")
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise TemplateFault(f"{path}: not UTF-8") from error
        if wrong := faults(text):
            raise TemplateFault(f"{path}: {'; '.join(wrong)}")
        yield (name, language), text


def _strange_nodes(tree: nodes.Template) -> Iterator[str]:
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, ALLOWED):
            yield f"line {node.lineno}: a template can't use {type(node).__name__.lower()}"
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield f"line {node.lineno}: no filter {node.name!r}; there are {_listed(FILTERS)}"


def _strange_variables(tree: nodes.Template) -> Iterator[str]:
    for name in sorted(find_undeclared_variables(tree) - VARIABLES):
        close = get_close_matches(name, VARIABLES, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {_listed(VARIABLES)}"
        yield f"no variable {name!r}; {hint}"


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(words))


def _with_subject(text: str, language: str) -> Worded:
    first, _, rest = text.partition("\n")
    if not first.casefold().startswith(SUBJECT):
        return Worded(text=text, language=language)
    subject = first[len(SUBJECT) :].strip()
    return Worded(text=rest.strip(), language=language, subject=subject)


ENVIRONMENT = SandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False
)
