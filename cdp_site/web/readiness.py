"""Waits for the web server to answer, beside what else goes on."""

import threading
from collections.abc import Callable

import httpx

LOOK_EVERY_S = 0.1
TIMEOUT_S = 2.0


class Readiness:
    """Asks GET /health/ready in a thread until it answers 200, then calls `announce` once."""

    def __init__(self, url: str, announce: Callable[[], object]) -> None:
        self._url, self._announce = f"{url}/health/ready", announce
        self._ready, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="readiness", daemon=True)

    def is_ready(self) -> bool:
        """Whether it has answered."""
        return self._ready.is_set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client:
            while not self._stopping.wait(LOOK_EVERY_S):
                if self._answers(client):
                    self._announce()
                    self._ready.set()
                    return

    def _answers(self, client: httpx.Client) -> bool:
        try:
            return client.get(self._url).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False
