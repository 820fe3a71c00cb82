"""The thread that keeps the last payloads of webhooks for the preview of their mappings, once a second."""

import logging
import threading

from django import db

from compliance.suppression import Suppressions
from ingestion.domain.webhooks.recent import MAX_BODY, Arrived, names_suppressed, store_payloads

INTERVAL_S = 1.0
MAX_WEBHOOKS = 50  # whose payloads are kept of one second
MAX_A_SECOND = 3  # of one webhook: each is looked through for who is suppressed, and encrypted

logger = logging.getLogger(__name__)


class PayloadKeeper:
    """Takes payloads from the event loop without waiting; they are samples, and lost while the database is away."""

    def __init__(self) -> None:
        self._latest: dict[int, list[Arrived]] = {}
        self._suppressions = Suppressions()
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

    def wants(self, webhook_id: int) -> bool:
        """Whether there is room for another payload of this webhook in this second."""
        of_webhook = self._latest.get(webhook_id)
        return len(self._latest) < MAX_WEBHOOKS if of_webhook is None else len(of_webhook) < MAX_A_SECOND

    def keep(self, arrived: Arrived, suppressions: Suppressions) -> None:
        """Keep one, unless it is too large to be shown or names somebody of whom nothing may be kept."""
        if len(arrived.body) > MAX_BODY:
            return
        with self._lock:
            self._suppressions = suppressions
            self._latest.setdefault(arrived.webhook_id, []).append(arrived)

    def _run(self) -> None:
        while not self._stopped:
            self._wake.wait(INTERVAL_S)
            self._store()
        self._store()
        db.connection.close()

    def _store(self) -> None:
        with self._lock:
            latest, self._latest, suppressions = self._latest, {}, self._suppressions
        if not latest:
            return
        try:
            db.close_old_connections()
            arrived = (each for of_webhook in latest.values() for each in of_webhook)
            store_payloads([each for each in arrived if not names_suppressed(each, suppressions)])
        except db.Error as error:
            db.connection.close()
            logger.info("payloads of webhooks are not kept for the preview, the database is away: %s", error)
