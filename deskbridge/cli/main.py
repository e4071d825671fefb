"""``deskbridge``: finds the command and loads only what it needs."""

import importlib
import sys
from difflib import get_close_matches

import click

from deskbridge.cli.leaving import tell_programs

COMMANDS = {
    "run": "deskbridge.cli.run:run",
    "reload": "deskbridge.cli.reload:reload",
    "check": "deskbridge.cli.check:check",
    "test": "deskbridge.cli.yaml_tests:test",
    "schema": "deskbridge.cli.schema:schema",
    "config": "deskbridge.cli.config_migrate:config",
    "explain": "deskbridge.cli.explain:explain",
    "replay": "deskbridge.cli.replay:replay",
    "report": "deskbridge.cli.report:report",
    "diff": "deskbridge.cli.diff:diff",
    "demo": "deskbridge.cli.demo:demo",
    "ingest": "deskbridge.cli.ingest:ingest",
    "inquiry": "deskbridge.cli.inquiry:inquiry",
    "outbox": "deskbridge.cli.outbox:outbox",
    "customers": "deskbridge.cli.customers:customers",
    "specialist": "deskbridge.cli.specialist:specialist",
    "message": "deskbridge.cli.message:message",
    "normalize": "deskbridge.cli.normalize:normalize",
    "migrate": "deskbridge.cli.migrate:migrate",
    "status": "deskbridge.cli.status:status",
    "version": "deskbridge.cli.status:version",
}
"""Where each command lives; a module is imported when its command is asked for."""

SHORT = {
    "run": "Start the service: channels, rules, outbox, web.",
    "reload": "Let the running service load its configuration again.",
    "check": "Check a configuration; every problem with its place.",
    "test": "Run the tests that stand in a configuration.",
    "schema": "Print the JSON Schema that editors complete and explain by.",
    "config": "Rewrite old names of keys.",
    "explain": "Show how and why a message was or would be decided.",
    "replay": "What other rules would have made of the last days' messages.",
    "report": "How often each rule matches, and is overridden by hand.",
    "diff": "What a changed file would change, in words.",
    "demo": "Try a complete desk on this machine, no accounts needed.",
    "ingest": "Take one message from standard input.",
    "inquiry": "List, show, answer, note, assign, move, resolve, close, reopen.",
    "outbox": "What is waiting to go out, and why.",
    "customers": "What is known of customers beforehand, and where from.",
    "specialist": "Passwords of the people who answer.",
    "message": "Single messages and the quarantine.",
    "normalize": "Show what understanding makes of a file, as JSON.",
    "migrate": "Bring the database to this version.",
    "status": "How the running service is doing.",
    "version": "Print the version.",
}


class Lazy(click.Group):
    """Commands by name only, so that ``--help`` imports nothing heavy."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SHORT.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="deskbridge", message="%(version)s")
def deskbridge() -> None:
    """A help desk's single point of contact: every channel in, rules in the middle, answers out.

    \b
    deskbridge demo              a complete desk with invented customers, on this machine
    deskbridge run -c desk.yaml  the real thing
    """


def main() -> None:
    """Run the command line; an interruption ends with 130, as shells expect."""
    try:
        deskbridge(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as wrong:
        wrong.show()
        tell_programs(wrong.exit_code, wrong.format_message())
        sys.exit(wrong.exit_code)


if __name__ == "__main__":
    main()
