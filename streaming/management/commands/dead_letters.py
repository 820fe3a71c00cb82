"""`manage.py dead_letters list|show|resubmit|discard`: look at refused messages, and decide on them."""

import getpass
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from streaming.domain import dead_letters
from streaming.domain.dead_letters import DeadLetterRow, UnknownDeadLetter
from streaming.domain.oversight import NobodyDecides
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
        except (UnknownDeadLetter, PayloadDenied, NobodyDecides) as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        rows = dead_letters.page(
            actor=None,
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
        row = dead_letters.get(options["id"], actor=None)
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
        self.stdout.write(f"Resubmitted: {self._decided(dead_letters.resubmit, options)}")

    def _discard(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"Discarded: {self._decided(dead_letters.discard, options)}")

    @staticmethod
    def _decided(decision: Callable[..., int], options: dict[str, Any]) -> int:
        consumer = options["all_of"]
        ids = dead_letters.open_ids(consumer) if consumer else options["ids"]
        return decision(ids, actor=None, by_name=getpass.getuser(), now=timezone.now())


def _line(row: DeadLetterRow) -> str:
    reason = "reason hidden" if row.reason is None else row.reason
    return f"{row.id}  {row.consumer}  {row.topic}/{row.partition}/{row.offset}  {row.state}  {reason}"


def _text(content: bytes | None) -> str:
    return "none" if content is None else content[:_SHOWN_BYTES].decode(errors="backslashreplace")
