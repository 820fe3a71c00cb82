"""The database: that of DATABASE_URL, else the embedded server of HEADWATER_HOME."""

from typing import Any

from cdp_site.postgres.server import DATABASE, USER, EmbeddedPostgres
from cdp_site.settings.environment import ENV

EMBEDDED_POSTGRES = ENV.database is None


def _embedded() -> dict[str, Any]:
    server = EmbeddedPostgres(ENV.home, ENV.postgres_binaries)
    made = (server.directory / "port").exists()
    return {
        "NAME": DATABASE,
        "USER": USER,
        "HOST": str(server.socket_directory),
        "PASSWORD": server.password if made else "",
        "PORT": str(server.port) if made else "",
    }


DATABASES = {
    "default": {
        "ENGINE": "cdp_site.postgres.backend",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        **(ENV.database or _embedded()),
    }
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", "5")
