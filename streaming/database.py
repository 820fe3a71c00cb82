"""Plain psycopg connections to the database of Django's settings, for the log and the consumer runtime."""

from typing import Any

import psycopg
from django.db import connections
from psycopg.conninfo import conninfo_to_dict, make_conninfo

# A connection that leads nowhere is noticed within seconds, not after the system's two hours.
_LIMITS = {"connect_timeout": "5", "tcp_user_timeout": "15000", "keepalives_idle": "10"}


def conninfo() -> str:
    """The connection string of the default database as it is configured at this moment."""
    settings = connections["default"].settings_dict
    options = {key: value for key, value in settings.get("OPTIONS", {}).items() if key != "pool"}
    return make_conninfo(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], password=settings["PASSWORD"],
        dbname=settings["NAME"], **options,
    )  # fmt: skip


def connect(*, autocommit: bool = False, application_name: str = "headwater") -> psycopg.Connection[Any]:
    """A new session of its own. Raises psycopg.OperationalError when the database cannot be reached."""
    options = {**_LIMITS, **conninfo_to_dict(conninfo()), "application_name": application_name}
    return psycopg.connect(make_conninfo("", **options), autocommit=autocommit)
