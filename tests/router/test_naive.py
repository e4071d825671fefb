"""Do the compiled rules decide as the slow and obvious reading of them does?"""

from hypothesis import given, settings
from hypothesis import strategies as st

from inquiry.decision import Facts
from inquiry.journey import ChannelName
from inquiry.understood import Attachment, Message
from inquiry.words import Automated, Priority
from router.conditions.condition import Condition, Later
from router.conditions.message import Channel, Flag, HasAttachment, Language
from router.conditions.words import Contains, Mentions
from router.decide import decide
from router.explain import explain
from router.logic import All, Any, Not
from router.patterns import pattern
from router.rules import Effect, Rule, Turn
from router.words import phrase
from tests.router.builders import LISTS, a_message, the_facts, the_rules
from tests.router.naive import outcome

WORDS = ["down", "Drukarka", "nie działa", "NIE DZIALA", "счет", "faktura", "skriverne", "ord-12"]
texts = st.lists(st.sampled_from([*WORDS, "и", "a", "hello", "\n", "downs", "ORD-77", "- "])).map(
    " ".join
)
PATTERNS = [r"/\bord-(\d+)\b/i", r"/down$/", "/hello|nie/", r"/^\s*$/", "/[Dd]ruk/", "/hello a/"]
wanted = st.one_of(
    st.sampled_from(PATTERNS).map(pattern),
    st.sampled_from(["down", "druk*", "nie działa", "hello a", "и"]).map(phrase),
)


def some(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2).map(tuple)


leaves: st.SearchStrategy[Condition] = st.one_of(
    some(["support-mail", "fax"]).map(Channel),
    some(["en", "pl"]).map(Language),
    some(list(LISTS)).map(Mentions),
    st.builds(
        Contains,
        st.sampled_from(["subject", "body", "text"]),
        st.lists(wanted, min_size=1, max_size=2).map(tuple),
    ),
    st.builds(HasAttachment, wanted=st.booleans()),
    st.builds(Flag, st.sampled_from(["bounce", "auto_generated"]), st.booleans()),
    st.just(Later("mood")),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple).map(All),
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(Any),
        inner.map(Not),
    ),
    max_leaves=5,
)
effects = st.one_of(
    st.builds(Effect, st.sampled_from(["queue", "category", "reply"]), st.sampled_from("xyz")),
    st.builds(
        Effect, st.sampled_from(["priority", "priority_at_least"]), st.sampled_from(Priority)
    ),
    st.builds(Effect, st.just("tags"), st.sampled_from("abc")),
)
numbered = st.lists(
    st.builds(
        Rule,
        name=st.just("rule"),
        when=conditions,
        then=st.lists(effects, max_size=3, unique_by=lambda e: e.field).map(tuple),
        stop=st.sampled_from([False, False, False, True]),
        on=st.frozensets(st.sampled_from(Turn)),
    ),
    max_size=8,
)
FILE = Attachment(filename="a.pdf", content_type="application/pdf", size=1, sha256="00")
messages = st.builds(
    a_message,
    subject=texts,
    text=texts,
    new_text=texts,
    language=st.sampled_from(["en", "pl", ""]),
    automated=st.sampled_from(Automated),
    attachments=st.sampled_from([(), (FILE,)]),
)
known = st.builds(
    the_facts,
    channel=st.sampled_from(["support-mail", "fax", "chat"]).map(ChannelName),
    follow_up=st.booleans(),
    priority=st.sampled_from(Priority),
)


@settings(max_examples=600, deadline=None)
@given(numbered, messages, known)
def test_compiled_rules_decide_as_the_naive_reading_does(
    found: list[Rule], message: Message, facts: Facts
) -> None:
    rules = [
        Rule(name=f"r{i}", when=r.when, then=r.then, stop=r.stop, on=r.on)
        for i, r in enumerate(found)
    ]
    compiled = the_rules(*rules)
    made = decide(compiled, message, facts)
    expected = outcome(rules, LISTS, message, facts)
    assert list(made.matched) == expected.matched
    assert list(made.tags) == expected.tags
    assert made.priority is expected.priority
    assert (made.queue or "") == expected.fields.get("queue", "")
    assert made.category == expected.fields.get("category", "")
    assert made.reply == expected.fields.get("reply", "")
    assert explain(compiled, message, facts).decision == made
