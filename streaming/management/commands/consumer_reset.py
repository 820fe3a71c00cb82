"""`manage.py consumer_reset NAME --from-start|--from-end|--accept-gaps|--forget`: let a consumer go on that stopped."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from streaming.contracts.log import LogError
from streaming.domain.resetting import Start, forget_topics, reset_consumer
from streaming.domain.running import UnknownConsumer, consumer_names


class Command(BaseCommand):
    """Sets positions where a consumer cannot go on, or in the topics that are named."""

    help = (
        "Set a consumer's positions: without --topic, only where it cannot go on because records were deleted before "
        "it read them, or because a topic was created anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The consumer, where it goes on, and in which topics."""
        parser.add_argument("name", metavar="NAME")
        where = parser.add_mutually_exclusive_group(required=True)
        for option, start, text in (
            ("--from-start", Start.LOG_START, "read all that the log still holds"),
            ("--from-end", Start.LOG_END, "read only what comes from now on"),
            (
                "--accept-gaps",
                Start.HERE,
                "stay where it is, and take what a lane sends there as its first record",
            ),
        ):
            where.add_argument(option, dest="start", action="store_const", const=start, help=text)
        where.add_argument("--forget", action="store_true", help="forget positions in topics that are gone")
        parser.add_argument("--topic", dest="topics", action="append", default=[], help="may be repeated")

    def handle(self, *args: Any, name: str, start: Start | None, topics: list[str], **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Set them, and say what that means."""
        try:
            consumer_names([name])
            if start is None:
                self._forget(name, topics)
            else:
                self._reset(name, start, topics)
        except (UnknownConsumer, LogError) as error:
            raise CommandError(str(error)) from error

    def _forget(self, name: str, topics: list[str]) -> None:
        forgotten = forget_topics(name, topics=topics)
        for place in forgotten:
            self.stdout.write(f"{place.topic}/{place.partition}: forgotten")
        if not forgotten:
            self.stdout.write(f"Nothing was forgotten: {name} has no position in a topic that is gone.")

    def _reset(self, name: str, start: Start, topics: list[str]) -> None:
        resets = reset_consumer(name, start=start, topics=topics)
        for reset in resets:
            place = f"{reset.place.topic}/{reset.place.partition}"
            self.stdout.write(
                f"{place}: {reset.former} -> {reset.current} ({reset.skipped} offsets skipped, {reset.repeated} read again)"
            )
        if not resets:
            where = f"has no position in {', '.join(topics)}" if topics else "can go on everywhere"
            self.stdout.write(f"Nothing was set: {name} {where}.")
