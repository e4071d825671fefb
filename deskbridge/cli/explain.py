"""``deskbridge explain``: show how and why a message was or would be decided."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskbridge.cli.check import json_option
from deskbridge.cli.configuration import config_option, opened
from deskbridge.cli.stored import explain_stored

if TYPE_CHECKING:
    from config.configuration import Configuration
    from inquiry.decision import Facts
    from inquiry.understood import Message, Report, Understood
    from router.explain import RuleTrace, Step, Trace
    from router.rules import Rules

_MARKS = {True: "✓", False: "✗", None: "?"}


@click.command("explain")
@click.argument("what", required=False)
@config_option
@click.option("--channel", default="", help="The channel it came in by.")
@click.option("--from", "sender", default="", help="Who wrote it.")
@click.option("--subject", default="", help="Its subject.")
@click.option("--text", default="", help="Its text.")
@click.option("-v", "--verbose", is_flag=True, help="Show every condition of every rule.")
@json_option
def explain(
    what: str | None,
    config: Path | None,
    channel: str,
    sender: str,
    subject: str,
    text: str,
    verbose: bool,
    as_json: bool,
) -> None:
    """Show how and why a message was or would be decided.

    WHAT is the reference of a stored inquiry, a mail as a file, or - for standard input; without
    it the message is made of the options.

    \b
    deskbridge explain mail.eml -v
    deskbridge explain --channel support-mail --subject "Drukarka nie działa"
    """
    configuration = opened(config, run_tests=False)
    message: Message | Report
    if what is None and not (subject or text or sender):
        raise click.UsageError("Name a reference, a file or -, or give --subject, --text, --from.")
    if what is not None and what != "-" and not Path(what).exists():
        shown = explain_stored(configuration, what, verbose=verbose, as_json=as_json)
    else:
        message, facts = _given(configuration, what, channel, sender, subject, text)
        shown = report(configuration.rules, message, facts, verbose=verbose, as_json=as_json)
    click.echo(shown)


def report(
    rules: "Rules",
    message: "Message | Report",
    facts: "Facts",
    *,
    verbose: bool = False,
    as_json: bool = False,
) -> str:
    """Return the explanation of one decision, worked out from message, facts and rules."""
    from router.explain import explain as trace_of

    trace = trace_of(rules, message, facts)
    if as_json:
        return json.dumps(trace_as_data(trace), ensure_ascii=False)
    return "\n".join(told(message, facts, trace, verbose=verbose))


def told(message: "Understood", facts: "Facts", trace: "Trace", *, verbose: bool) -> Iterator[str]:
    """Return the lines of an explanation."""
    yield from _head(message, facts)
    yield ""
    yield from _rules(trace, verbose)
    yield ""
    yield from _result(trace)


def _given(
    configuration: "Configuration",
    what: str | None,
    channel: str,
    sender: str,
    subject: str,
    text: str,
) -> "tuple[Message | Report, Facts]":
    from config.case_message import understand, understand_mail
    from config.sections import Given
    from inquiry.decision import Facts
    from inquiry.journey import ChannelName

    name = ChannelName(channel or next(iter(configuration.channels), ""))
    if name not in configuration.channels:
        raise click.UsageError(
            f"No channel {name!r}; there are {', '.join(configuration.channels)}."
        )
    if what is None:
        given = Given(from_=sender, subject=subject, body=text)
        made = understand(given, configuration, name)
        return made.message, made.facts
    raw = sys.stdin.buffer.read() if what == "-" else Path(what).read_bytes()
    message = understand_mail(raw, configuration.desk, sender)
    return message, Facts(now=datetime.now(UTC), channel=name)


def _head(message: "Understood", facts: "Facts") -> Iterator[str]:
    from inquiry.understood import Message, Report

    mail = message.message if isinstance(message, Report) else message
    if not isinstance(mail, Message):
        return
    sender = mail.sender.address if mail.sender else "no sender"
    parts = [str(facts.channel), sender, f"“{mail.subject}”"]
    if mail.language:
        parts.append(f"language {mail.language}")
    yield f"Message  {' · '.join(parts)}"


def _rules(trace: "Trace", verbose: bool) -> Iterator[str]:
    for each in trace.rules:
        mark = "✓" if each.matched else "·"
        yield f" {mark} {each.rule.name:<24} {each.rule.place}".rstrip()
        for step in _steps(each, verbose):
            yield f"     {_MARKS[step.holds]} {step.words}"
        if each.unread and verbose:
            yield f"     – {each.unread}"
        for outcome in each.outcomes:
            plus = "+" if outcome.effect.field == "tags" else ""
            late = f"   (already decided by {outcome.decided_by!r})" if outcome.decided_by else ""
            yield f"     → {outcome.effect.field}: {plus}{outcome.effect.value}{late}"


def _steps(each: "RuleTrace", verbose: bool) -> "list[Step]":
    if verbose or each.matched:
        return list(each.steps)
    return [step for step in each.steps if step.holds is not True][:1]


def _result(trace: "Trace") -> Iterator[str]:
    decision = trace.decision
    yield "Result"
    for winner in decision.winners:
        if winner.field != "tags":
            yield f"   {winner.field:<18} {winner.value:<22} by {winner.rule}"
    yield f"   {'priority now':<18} {decision.priority}"
    if decision.tags:
        yield f"   {'tags':<18} {', '.join(decision.tags)}"
    if decision.stopped_by:
        yield f"   {'stopped by':<18} {decision.stopped_by}"


def trace_as_data(trace: "Trace") -> dict[str, Any]:
    """Return an explanation as data."""
    from inquiry.data import as_data

    return {
        "rules": [
            {
                "name": each.rule.name,
                "place": each.rule.place,
                "matched": each.matched,
                "unread": each.unread,
                "conditions": [{"holds": s.holds, "words": s.words} for s in each.steps],
                "effects": [
                    {
                        "field": outcome.effect.field,
                        "value": outcome.effect.value,
                        "already_decided_by": outcome.decided_by,
                    }
                    for outcome in each.outcomes
                ],
            }
            for each in trace.rules
        ],
        "decision": as_data(trace.decision),
    }
