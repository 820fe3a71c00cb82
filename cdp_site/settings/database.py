"""The database: that of DATABASE_URL, else the embedded server of HEADWATER_HOME."""

import os
from typing import Any

from cdp_site.postgres.server import DATABASE, USER, EmbeddedPostgres
from cdp_site.settings.environment import ENV

EMBEDDED_POSTGRES = ENV.database is None

# A server that went away without a word is noticed within seconds, not after the system's two hours.
_CLIENT_LIMITS = {
    "connect_timeout": "5",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
LOCK_TIMEOUT_S = 30


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


def _server_options() -> str:
    """What sessions begin with: nobody waits for a lock for ever. libpq's own variable adds to it, or overrides it."""
    return f"-c lock_timeout={LOCK_TIMEOUT_S}s {os.environ.get('PGOPTIONS', '')}".strip()


DATABASES = {
    "default": {
        "ENGINE": "cdp_site.postgres.backend",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        **(ENV.database or _embedded()),
    }
}
DATABASES["default"]["OPTIONS"] = {
    **_CLIENT_LIMITS,
    "options": _server_options(),
    **DATABASES["default"].get("OPTIONS", {}),
}
