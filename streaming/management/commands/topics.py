"""`manage.py topics list|show|set|apply|adopt`: topics as they are declared and as they really are."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from streaming.contracts.log import LogError
from streaming.contracts.records import Cleanup
from streaming.domain.oversight import NobodyDecides
from streaming.domain.topics.amounts import bytes_of, seconds_of
from streaming.domain.topics.changing import adopt_log, apply, declare, return_to_default
from streaming.domain.topics.declaration import Wish
from streaming.domain.topics.rules import TopicRefused
from streaming.domain.topics.states import topic_settings
from streaming.event_log import event_log
from streaming.management.topic_lines import applied_lines, document, line, lines


class Command(BaseCommand):
    """Exits with 1 when something is refused; `list` and `show` do not for drift, which they mark."""

    help = "Show what topics are like and should be like; declare it, and put it on the log."

    def add_arguments(self, parser: CommandParser) -> None:
        """One word says what to do."""
        actions = parser.add_subparsers(dest="action", required=True, parser_class=ArgumentParser)
        listing = actions.add_parser(
            "list", help="all topics, a line each; ! marks what differs from what is declared"
        )
        showing = actions.add_parser("show", help="one topic, every setting declared and real")
        showing.add_argument("name", metavar="NAME")
        for each in (listing, showing):
            each.add_argument("--json", action="store_true", dest="as_json")
        _add_settings(
            actions.add_parser(
                "set", help="declare what a topic should be like; nothing changes before `apply`"
            )
        )
        applying = actions.add_parser("apply", help="put what is declared on the log")
        which = applying.add_mutually_exclusive_group(required=True)
        which.add_argument("name", metavar="NAME", nargs="?")
        which.add_argument("--all", action="store_true", dest="every")
        actions.add_parser("adopt", help="take the Kafka cluster over from another installation, for good")

    def handle(self, *args: Any, action: str, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Do it."""
        try:
            getattr(self, f"_{action}")(options)
        except (TopicRefused, LogError, NobodyDecides) as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        found = topic_settings(event_log())
        if options["as_json"]:
            self.stdout.write(json.dumps([document(each) for each in found], indent=2))
            return
        for each in found:
            self.stdout.write(line(each))
        if drifting := sum(bool(each.drifts) for each in found):
            self.stdout.write(
                f"{drifting} differ from what is declared: `topics show NAME` says in what, `topics apply` mends it"
            )

    def _show(self, options: dict[str, Any]) -> None:
        (found,) = topic_settings(event_log(), [options["name"]])
        self.stdout.write(
            json.dumps(document(found), indent=2) if options["as_json"] else "\n".join(lines(found))
        )

    def _set(self, options: dict[str, Any]) -> None:
        name, log = options["name"], event_log()
        if options["default"]:
            found, said = return_to_default(log, name, actor=None), []
        else:
            declared = declare(log, name, _wish(options), actor=None, now=timezone.now())
            found, said = declared.settings, declared.consequences
        self.stdout.write("\n".join([*lines(found), *said]))
        if options["apply"]:
            self._apply({"name": name, "every": False})
        elif found.can_apply:
            self.stdout.write(
                f"Nothing has changed on the log yet: `manage.py topics apply {name}` does that."
            )

    def _apply(self, options: dict[str, Any]) -> None:
        log = event_log()
        names = (
            [each.name for each in topic_settings(log) if each.drifts]
            if options["every"]
            else [options["name"]]
        )
        for name in names:
            self.stdout.write("\n".join(applied_lines(apply(log, name, actor=None), log)))
        if not names:
            self.stdout.write("Every topic is as declared.")

    def _adopt(self, _options: dict[str, Any]) -> None:
        former = adopt_log(event_log(), actor=None)
        self.stdout.write(
            f"The log belongs to this installation now, and no more to {', '.join(former)}: it will not start on it."
            if former
            else "The log belongs to no other installation."
        )


def _add_settings(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--partitions", type=int, metavar="N", help="they can only grow")
    parser.add_argument("--retention", metavar="TIME", help="how long records are kept, as in 14d")
    parser.add_argument(
        "--retention-bytes", metavar="SIZE", help="how much each partition keeps at most, as in 10GB, or none"
    )
    compaction = parser.add_mutually_exclusive_group()
    compaction.add_argument(
        "--compact",
        action="store_const",
        dest="cleanup",
        const=Cleanup.COMPACT,
        help="keep the newest record of each key",
    )
    compaction.add_argument(
        "--no-compact",
        action="store_const",
        dest="cleanup",
        const=Cleanup.DELETE,
        help="keep every record, up to the limits",
    )
    parser.add_argument(
        "--replication", type=int, metavar="N", help="copies on as many brokers; 0: the cluster's default"
    )
    parser.add_argument(
        "--min-insync",
        type=int,
        metavar="N",
        help="copies that acknowledge each write; 0: the cluster's default",
    )
    parser.add_argument(
        "--default", action="store_true", help="forget what was declared: the default of its kind holds again"
    )
    parser.add_argument("--apply", action="store_true", help="and put it on the log at once")


def _wish(options: dict[str, Any]) -> Wish:
    try:
        retention = None if options["retention"] is None else seconds_of(options["retention"])
        size = None if options["retention_bytes"] is None else bytes_of(options["retention_bytes"])
    except ValueError as error:
        raise CommandError(str(error)) from error
    return Wish(
        partitions=options["partitions"],
        retention_seconds=retention,
        retention_bytes=size,
        cleanup=options["cleanup"],
        replication=options["replication"],
        min_insync=options["min_insync"],
    )
