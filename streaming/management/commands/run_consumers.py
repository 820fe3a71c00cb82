"""`manage.py run_consumers [NAME …] [--until-caught-up]`: run consumers until told to stop."""

import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from streaming.domain.catching_up import wait_until_caught_up
from streaming.domain.running import UnknownConsumer, consumer_names, new_worker
from streaming.management.starting import Readiness, claim_log
from streaming.management.supervision import Supervisor, stopping_on_signals
from streaming.runtime.stopping import ConsumerStopped

_LOOK_SECONDS = 0.2


class Command(BaseCommand):
    """One consumer runs in this process, several in a child process each."""

    help = "Run consumers until SIGTERM: those named, or all. A consumer that stopped by rule makes it fail."
    requires_system_checks = []  # they would load every page, each time that consumers start

    def add_arguments(self, parser: CommandParser) -> None:
        """Names, and when to end."""
        parser.add_argument("names", nargs="*", metavar="NAME")
        parser.add_argument(
            "--until-caught-up", action="store_true",
            help="end once everything that the log holds has been applied",
        )  # fmt: skip

    def handle(self, *args: Any, names: list[str], until_caught_up: bool, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Run them."""
        try:
            chosen = consumer_names(names)
        except UnknownConsumer as error:
            raise CommandError(str(error)) from error
        self._claim_log()
        if len(chosen) == 1:
            self._run_here(chosen[0], until_caught_up=until_caught_up)
        elif stopped := Supervisor(chosen, until_caught_up=until_caught_up).run():
            raise CommandError(f"stopped by rule: {', '.join(stopped)}; the reasons stand above")

    def _claim_log(self) -> None:
        readiness, why = claim_log()
        if readiness in (Readiness.FOREIGN, Readiness.DENIED):
            raise CommandError(why)
        if readiness is Readiness.AWAY:
            self.stderr.write(f"{why}; consumers wait for it")

    def _run_here(self, name: str, *, until_caught_up: bool) -> None:
        worker = new_worker(name)
        is_over = threading.Event()

        def watch() -> None:
            try:
                if wait_until_caught_up([name], pause=lambda: not is_over.wait(_LOOK_SECONDS)):
                    worker.stop()
            finally:
                connections.close_all()  # those of this thread

        watcher = threading.Thread(target=watch, name="catching up", daemon=True)
        with stopping_on_signals(worker.stop):
            if until_caught_up:
                watcher.start()
            try:
                worker.run()
            except ConsumerStopped as stop:
                raise CommandError(str(stop)) from stop
            finally:
                is_over.set()
        if watcher.is_alive():
            watcher.join()
