"""The thread that keeps the last payloads of webhooks for the preview of their mappings, once a second."""

import logging
import threading
from collections import deque

from django import db

from ingestion.domain.webhooks.recent import KEPT, MAX_BODY, Arrived, store_payloads

INTERVAL_S = 1.0
MAX_WEBHOOKS = 200  # whose payloads are kept of one second

logger = logging.getLogger(__name__)


class PayloadKeeper:
    """Takes payloads from the event loop without waiting; they are samples, and lost while the database is away."""

    def __init__(self) -> None:
        self._latest: dict[int, deque[Arrived]] = {}
        self._lock = threading.Lock()
        self._wake, self._stopped = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="collector-payloads", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Keep what is left, and end."""
        self._stopped = True
        self._wake.set()
        self._thread.join(timeout=10)

    def keep(self, arrived: Arrived) -> None:
        """Keep one, unless it is too large to be shown."""
        if len(arrived.body) > MAX_BODY:
            return
        with self._lock:
            of_webhook = self._latest.get(arrived.webhook_id)
            if of_webhook is None:
                if len(self._latest) >= MAX_WEBHOOKS:
                    return
                of_webhook = self._latest[arrived.webhook_id] = deque(maxlen=KEPT)
            of_webhook.append(arrived)

    def _run(self) -> None:
        while not self._stopped:
            self._wake.wait(INTERVAL_S)
            self._store()
        self._store()
        db.connection.close()

    def _store(self) -> None:
        with self._lock:
            latest, self._latest = self._latest, {}
        if not latest:
            return
        try:
            db.close_old_connections()
            store_payloads([each for of_webhook in latest.values() for each in of_webhook])
        except db.Error as error:
            db.connection.close()
            logger.info("payloads of webhooks are not kept for the preview, the database is away: %s", error)
