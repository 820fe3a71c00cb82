"""The Celery application: `celery -A cdp_site worker` and `celery -A cdp_site beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

from cdp_site.broker.scheme import register_transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp_site.settings")
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")  # they would load every page when a worker starts
register_transport()

app = Celery("headwater")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect  # type: ignore[untyped-decorator]  # celery has no types
def keep_our_logging(**_: Any) -> None:
    """Leave logging as the settings have it: a connected receiver is all that Celery asks for."""
