"""`manage.py dead_letters groups|list|show|edit|resubmit|discard|jobs|cancel`: look at refused messages, decide on them."""

import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from streaming.domain import dead_letters, edits
from streaming.domain.dead_letters import DeadLetterRow, UnknownDeadLetter
from streaming.domain.edits import NothingEdited, NotOpen
from streaming.domain.oversight import NobodyDecides
from streaming.domain.payloads import PayloadDenied
from streaming.domain.queries.letters import known_consumer
from streaming.domain.queries.resubmissions import ResubmissionRow, UnknownResubmission, resubmissions
from streaming.domain.resubmissions import starting
from streaming.domain.resubmissions.starting import Choice, NothingToResubmit, WrongRate
from streaming.domain.returning import Unsendable
from streaming.domain.running import UnknownConsumer
from streaming.enums import DeadLetterState
from streaming.management.resubmitting import Interruptible, follow

_SHOWN_BYTES = 4000
_ERRORS = (
    UnknownDeadLetter, UnknownResubmission, UnknownConsumer, PayloadDenied, NobodyDecides, NotOpen, NothingEdited,
    NothingToResubmit, WrongRate, Unsendable,
)  # fmt: skip


class Command(BaseCommand):
    """Without --payload no bytes of messages are shown."""

    help = "Group, list, show, edit, resubmit or discard dead letters; follow and cancel jobs that resubmit."

    def add_arguments(self, parser: CommandParser) -> None:
        """One word says what to do."""
        actions = parser.add_subparsers(dest="action", required=True, parser_class=ArgumentParser)
        for action, text in (("groups", "by consumer and reason"), ("list", "the newest first")):
            listing = actions.add_parser(action, help=text)
            listing.add_argument("--consumer")
            listing.add_argument(
                "--state", choices=[*DeadLetterState.values, "all"], default=DeadLetterState.OPEN.value
            )
        listing.add_argument("--topic")
        listing.add_argument("--before", type=int, help="the id where the page before ended")
        listing.add_argument("--size", type=int, default=50)
        showing = actions.add_parser("show", help="one of them")
        showing.add_argument("id", type=int)
        showing.add_argument(
            "--payload", action="store_true", help="its bytes too, for those who may see them"
        )
        editing = actions.add_parser("edit", help="send an edited copy of one back; the original stays")
        editing.add_argument("id", type=int)
        editing.add_argument("--value", type=Path, metavar="FILE", help="with the bytes of the new value")
        editing.add_argument("--key", help="the new key")
        resubmitting = actions.add_parser("resubmit", help="send back to the consumer that refused them")
        resubmitting.add_argument("--reason", help="with --all-of: only those with exactly this reason")
        resubmitting.add_argument("--rate", type=float, help="with --all-of: letters a second at most")
        for deciding in (resubmitting, actions.add_parser("discard", help="put aside for good")):
            chosen = deciding.add_mutually_exclusive_group(required=True)
            chosen.add_argument("ids", type=int, nargs="*", metavar="ID", default=[])
            chosen.add_argument("--all-of", metavar="CONSUMER", help="all open ones of a consumer")
        actions.add_parser("jobs", help="that resubmit, the newest first")
        actions.add_parser("cancel", help="a job that resubmits").add_argument("id", type=int)

    def handle(self, *args: Any, action: str, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Do it."""
        try:
            getattr(self, f"_{action}")(options)
        except _ERRORS as error:
            raise CommandError(str(error)) from error

    def _groups(self, options: dict[str, Any]) -> None:
        known_consumer(options["consumer"])
        for group in dead_letters.groups(actor=None, state=_state(options), consumer=options["consumer"]):
            span = f"{group.oldest_at.isoformat(timespec='seconds')} to {group.newest_at.isoformat(timespec='seconds')}"
            self.stdout.write(
                f"{group.letters:>9,}  {group.consumer}  {group.reason}  ({span}; for one: show {group.newest})"
            )

    def _list(self, options: dict[str, Any]) -> None:
        known_consumer(options["consumer"])
        size = min(max(options["size"], 1), dead_letters.MAX_PAGE)
        rows = dead_letters.page(
            actor=None,
            consumer=options["consumer"],
            topic=options["topic"],
            state=_state(options),
            before=options["before"],
            size=size + 1,
        )
        for row in rows[:size]:
            self.stdout.write(_line(row))
        if len(rows) > size:
            self.stdout.write(f"More: --before {rows[size - 1].id}")

    def _show(self, options: dict[str, Any]) -> None:
        row = dead_letters.get(options["id"], actor=None)
        payload = dead_letters.payload(row.id, actor=None) if options["payload"] else None
        self.stdout.write(_line(row))
        self.stdout.write(
            f"appended {row.appended_at.isoformat()}, refused {row.created_at.isoformat()}, {row.size} bytes"
        )
        if row.former:
            self.stdout.write(f"was dead letter {row.former}, was sent back and is refused again")
        if row.decided_at:
            self.stdout.write(f"{row.state} {row.decided_at.isoformat()} by {row.decided_by}")
        for edit in edits.edits_of(row.id, actor=None):
            self.stdout.write(f"sent back as edit {edit.id} {edit.edited_at.isoformat()} by {edit.edited_by}")
        if payload is not None:
            for name, content in (*payload.headers, ("key", payload.key), ("value", payload.value)):
                self.stdout.write(f"{name}: {_text(content)}")

    def _edit(self, options: dict[str, Any]) -> None:
        former = dead_letters.payload(options["id"], actor=None)
        key, value = options["key"], options["value"]
        edit = edits.resubmit_edited(
            options["id"],
            key=former.key if key is None else key.encode(),
            value=former.value if value is None else _content_of(value),
            actor=None, by_name=getpass.getuser(), now=timezone.now(),
        )  # fmt: skip
        self.stdout.write(f"Resubmitted as edit {edit}; dead letter {options['id']} keeps its bytes.")

    def _resubmit(self, options: dict[str, Any]) -> None:
        name, now = getpass.getuser(), timezone.now()
        if options["all_of"] is None:
            if options["reason"] or options["rate"]:
                raise CommandError("--reason and --rate belong to --all-of CONSUMER")
            sent = dead_letters.resubmit(options["ids"], actor=None, by_name=name, now=now)
        else:
            choice = Choice(options["all_of"], options["reason"])
            job = starting.start(choice, rate=options["rate"], actor=None, by_name=name, now=now)
            sent = self._follow(job)
        self.stdout.write(f"Resubmitted: {sent}")

    def _follow(self, job: int) -> int:
        with Interruptible() as interruptible:
            row = follow(job, interruptible, say=lambda row: self.stdout.write(_job(row)))
        if row.is_active:
            raise CommandError(
                f"interrupted: a worker goes on with resubmission {job}; `manage.py dead_letters cancel {job}` ends it"
            )
        return row.sent

    def _discard(self, options: dict[str, Any]) -> None:
        consumer = options["all_of"]
        known_consumer(consumer)
        ids = dead_letters.open_ids(consumer) if consumer else options["ids"]
        done = dead_letters.discard(ids, actor=None, by_name=getpass.getuser(), now=timezone.now())
        self.stdout.write(f"Discarded: {done}")

    def _jobs(self, _options: dict[str, Any]) -> None:
        for row in resubmissions(now=timezone.now()):
            self.stdout.write(_job(row))

    def _cancel(self, options: dict[str, Any]) -> None:
        opened = starting.cancel(options["id"], actor=None, by_name=getpass.getuser(), now=timezone.now())
        self.stdout.write(f"Cancelled: {opened} dead letters are open again.")


def _state(options: dict[str, Any]) -> str | None:
    state: str = options["state"]
    return None if state == "all" else state


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error


def _line(row: DeadLetterRow) -> str:
    reason = "reason hidden" if row.reason is None else row.reason
    return f"{row.id}  {row.consumer}  {row.topic}/{row.partition}/{row.offset}  {row.state}  {reason}"


def _job(row: ResubmissionRow) -> str:
    left = f", {row.left_open} too large" if row.left_open else ""
    return (
        f"resubmission {row.id} for {row.consumer}: {row.state}, {row.sent:,} of {row.asked:,} sent{left}, "
        f"{row.per_second:,.1f} a second"
    )


def _text(content: bytes | None) -> str:
    return "none" if content is None else content[:_SHOWN_BYTES].decode(errors="backslashreplace")
