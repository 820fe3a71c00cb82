"""`manage.py dead_letters list|show|resubmit|discard`: look at refused messages, and decide on them."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from streaming.domain import dead_letters
from streaming.domain.dead_letters import DeadLetterRow, UnknownDeadLetter
from streaming.domain.payloads import PayloadDenied
from streaming.enums import DeadLetterState

_SHOWN_BYTES = 4000


class Command(BaseCommand):
    """Without --payload no bytes of messages are shown."""

    help = "List, show, resubmit or discard dead letters."

    def add_arguments(self, parser: CommandParser) -> None:
        """One word says what to do."""
        actions = parser.add_subparsers(dest="action", required=True, parser_class=ArgumentParser)
        listing = actions.add_parser("list", help="the newest first")
        listing.add_argument("--consumer")
        listing.add_argument("--topic")
        listing.add_argument(
            "--state", choices=[*DeadLetterState.values, "all"], default=DeadLetterState.OPEN.value
        )
        listing.add_argument("--before", type=int, help="the id where the page before ended")
        listing.add_argument("--size", type=int, default=50)
        showing = actions.add_parser("show", help="one of them")
        showing.add_argument("id", type=int)
        showing.add_argument(
            "--payload", action="store_true", help="its bytes too, for those who may see them"
        )
        for action, text in (
            ("resubmit", "send back to the consumer that refused them"),
            ("discard", "put aside for good"),
        ):
            deciding = actions.add_parser(action, help=text)
            chosen = deciding.add_mutually_exclusive_group(required=True)
            chosen.add_argument("ids", type=int, nargs="*", metavar="ID", default=[])
            chosen.add_argument("--all-of", metavar="CONSUMER", help="all open ones of a consumer")

    def handle(self, *args: Any, action: str, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Do it."""
        try:
            getattr(self, f"_{action}")(options)
        except (UnknownDeadLetter, PayloadDenied) as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        rows = dead_letters.page(
            consumer=options["consumer"],
            topic=options["topic"],
            state=None if options["state"] == "all" else options["state"],
            before=options["before"],
            size=options["size"],
        )
        for row in rows:
            self.stdout.write(_line(row))
        if len(rows) == options["size"]:
            self.stdout.write(f"More: --before {rows[-1].id}")

    def _show(self, options: dict[str, Any]) -> None:
        row = dead_letters.get(options["id"])
        payload = dead_letters.payload(row.id, actor=None) if options["payload"] else None
        self.stdout.write(_line(row))
        self.stdout.write(
            f"appended {row.appended_at.isoformat()}, refused {row.created_at.isoformat()}, {row.size} bytes"
        )
        if row.decided_at:
            self.stdout.write(f"{row.state} {row.decided_at.isoformat()} by {row.decided_by}")
        if payload is not None:
            for name, content in (*payload.headers, ("key", payload.key), ("value", payload.value)):
                self.stdout.write(f"{name}: {_text(content)}")

    def _resubmit(self, options: dict[str, Any]) -> None:
        count = dead_letters.resubmit(self._chosen(options), by_name=getpass.getuser(), now=timezone.now())
        self.stdout.write(f"Resubmitted: {count}")

    def _discard(self, options: dict[str, Any]) -> None:
        count = dead_letters.discard(self._chosen(options), by_name=getpass.getuser(), now=timezone.now())
        self.stdout.write(f"Discarded: {count}")

    @staticmethod
    def _chosen(options: dict[str, Any]) -> list[int]:
        consumer = options["all_of"]
        return dead_letters.open_ids(consumer) if consumer else options["ids"]


def _line(row: DeadLetterRow) -> str:
    return f"{row.id}  {row.consumer}  {row.topic}/{row.partition}/{row.offset}  {row.state}  {row.reason}"


def _text(content: bytes | None) -> str:
    return "none" if content is None else content[:_SHOWN_BYTES].decode(errors="backslashreplace")
