"""Where Django looks for the backend's connection."""

import time
from typing import Any

from django.db.backends.postgresql import base

TRUSTED_S = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is asked whether it works once a second, and not on every request.

    A profile is read hundreds of times a second; a connection that broke within that second fails one request,
    and Django then opens another. One that leads to a server which takes no writes any more does not work: of
    several servers another one does by now (docs/adr/0063).
    """

    _asked_at = float("-inf")

    def get_connection_params(self) -> dict[str, Any]:
        """What a session begins with: statements that are prepared keep one plan, made once (docs/adr/0066)."""
        parameters: dict[str, Any] = super().get_connection_params()
        options = f"{parameters.get('options', '')} -c plan_cache_mode=force_generic_plan"
        return {**parameters, "options": options.strip()}

    def is_usable(self) -> bool:
        """Whether it still leads to a server that takes writes."""
        if self.connection is None:
            return False
        try:
            row = self.connection.execute("SHOW transaction_read_only").fetchone()
        except self.Database.Error:
            return False
        return row is not None and row[0] == "off"

    def close_if_health_check_failed(self) -> None:
        """Close it when it does not work, unless it was asked just now."""
        now = time.monotonic()
        if now - self._asked_at >= TRUSTED_S or self.errors_occurred:
            super().close_if_health_check_failed()
            self._asked_at = now
        # Answered for this request, or the question would come between the statements of a transaction, and end it badly.
        self.health_check_done = True
