"""`manage.py demo`: all of Headwater on this machine, with logins, a write key and example traffic."""

import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.utils import timezone

from cdp_site.demo.access import give_access
from cdp_site.demo.greeting import greeting
from cdp_site.demo.processes import demo_roles
from cdp_site.single import AlreadyHeld, only_one
from cdp_site.supervision.output import Output
from cdp_site.supervision.supervisor import Supervisor
from cdp_site.web.listening import AddressInUse, check_address
from cdp_site.web.readiness import Readiness
from cdp_site.web.role import web_role


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT; the next run goes on where this one ended."""

    help = "Start all of Headwater, with logins, a write key and example traffic (DEMO_TRAFFIC=0: without)."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Run it."""
        try:
            with only_one(settings.HEADWATER_HOME / "run" / "demo.lock"):
                check_address(settings.HOST, settings.PORT)
                self._run()
        except AlreadyHeld as error:
            raise CommandError(
                f"process {error.owner} already runs the demo of {settings.HEADWATER_HOME}: stop it first, or set "
                "HEADWATER_HOME (and PORT) to others"
            ) from error
        except AddressInUse as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(f"the database of DATABASE_URL does not answer: {error}") from error

    def _run(self) -> None:
        home, url = settings.HEADWATER_HOME, settings.PUBLIC_URL
        output = Output(sys.stdout)
        call_command("migrate", verbosity=0, interactive=False)
        access = give_access(home=home, url=url, now=timezone.now())
        connection.close()
        web = web_role(host=settings.HOST, port=settings.PORT, workers=settings.WEB_WORKERS, home=home)
        local = f"http://127.0.0.1:{settings.PORT}"
        readiness = Readiness(local, lambda: self._greet(greeting(access, home)))
        roles = demo_roles(
            web=web, home=home, url=local, write_key=access.write_key, traffic=settings.DEMO_TRAFFIC,
            is_ready=readiness.is_ready,
        )  # fmt: skip
        readiness.start()
        try:
            Supervisor(roles, output).run()
        finally:
            readiness.stop()

    def _greet(self, lines: str) -> None:
        self.stdout.write(lines)
        self.stdout.flush()
