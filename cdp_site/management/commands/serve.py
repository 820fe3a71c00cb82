"""`manage.py serve`: the web server, with the embedded PostgreSQL when there is no DATABASE_URL."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cdp_site.database import NotMigrated, prepare_database
from cdp_site.supervision.output import Output
from cdp_site.supervision.supervisor import Supervisor
from cdp_site.web.listening import check_address
from cdp_site.web.role import web_role
from streaming.management.starting import Readiness, claim_log


class Command(BaseCommand):
    """Serves until SIGTERM or SIGINT."""

    help = "Run the web server: collector, admin and API. PORT, HOST and WEB_WORKERS say where and how."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Serve."""
        try:
            check_address(settings.HOST, settings.PORT)
            prepare_database()
        except (OSError, NotMigrated) as error:
            raise CommandError(str(error)) from error
        self._claim_log()
        web = web_role(
            host=settings.HOST, port=settings.PORT, workers=settings.WEB_WORKERS, home=settings.HEADWATER_HOME
        )
        self.stdout.write(f"Headwater serves {settings.PUBLIC_URL} (port {settings.PORT} of {settings.HOST})")
        Supervisor([web], Output(sys.stdout)).run()

    def _claim_log(self) -> None:
        """Refuse a log of others. One that is away or denies us is no obstacle: the collector spools until it does not."""
        readiness, why = claim_log()
        if readiness is Readiness.FOREIGN:
            raise CommandError(why)
        if readiness is not Readiness.OURS:
            self.stderr.write(f"{why}; the collector keeps events in the spool until the log takes them")
