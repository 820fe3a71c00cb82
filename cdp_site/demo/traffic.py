"""The demo's example traffic: the shop's history once, then live until it is told to stop."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cdp_site.demo.marker import begin_run, history_is_sent
from cdp_site.demo.sdk import Sender
from cdp_site.demo.shop.history import make_history
from cdp_site.demo.shop.live import LiveTraffic

TICK_S = 0.25

Clock = Callable[[], datetime]
Tell = Callable[[str], None]


def send_traffic(
    *, url: str, write_key: str, home: Path, clock: Clock, stopping: threading.Event, tell: Tell
) -> None:
    """Send until `stopping` is set. A later run goes on: what was sent once is not sent, or not counted, again."""
    marker = begin_run(home, now=clock())
    history = make_history(marker.opened)
    sender = Sender(url, write_key, stopping=stopping)
    try:
        if not marker.history_sent:
            tell(f"sending {len(history.calls):,} events of the last thirty days")
            for call in history.calls:
                if stopping.is_set():
                    return
                sender.send(call)
            sender.flush()
            marker = history_is_sent(home, marker)
        tell("sending live traffic")
        _go_on(LiveTraffic(history.people, f"{marker.opened:%y%m%d}-{marker.runs}"), sender, stopping)
    finally:
        sender.close()


def _go_on(live: LiveTraffic, sender: Sender, stopping: threading.Event) -> None:
    began = time.monotonic()
    while not stopping.wait(TICK_S):
        for call in live.due(time.monotonic() - began):
            sender.send(call)
