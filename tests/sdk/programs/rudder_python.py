"""The whole protocol through rudder-sdk-python: HOST KEY GZIP USER."""

import sys
from datetime import UTC, datetime

from rudderstack.analytics.client import Client

host, key, gzip, user = sys.argv[1:]
failures = []
client = Client(
    key, host=host, gzip=gzip == "gzip", max_retries=2, on_error=lambda error, _: failures.append(error)
)
client.identify(user, {"email": "jane@example.com", "plan": "gold"})
client.track(user, "Order Completed", {"total": 9.5}, timestamp=datetime(2020, 2, 1, 10, tzinfo=UTC))
client.page(user, "Docs", "Home", {"url": "/"})
client.screen(user, "App", "Start")
client.group(user, "acme", {"name": "Acme"})
client.alias("visitor-1", user)
client.track(anonymous_id="visitor-1", event="Viewed")
client.shutdown()
sys.exit(f"failed: {failures}" if failures else 0)
