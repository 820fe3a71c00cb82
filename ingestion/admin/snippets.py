"""What to paste to send events to a source: the real address and the real key."""

from dataclasses import dataclass
from urllib.parse import urlsplit

PLACEHOLDER = "YOUR_WRITE_KEY"

_BROWSER = """<script src="/path/to/analytics-next/index.js"></script>
<script>
  const analytics = AnalyticsNext.AnalyticsBrowser.load(
    {{ writeKey: "{key}", cdnURL: "{address}" }},
    {{ integrations: {{ "Segment.io": {{ apiHost: "{host}/v1", protocol: "{scheme}" }} }} }},
  );
  analytics.page();
  analytics.track("Order Completed", {{ total: 59.9, currency: "EUR" }});
</script>"""
_NODE = """// npm install @segment/analytics-node
import {{ Analytics }} from "@segment/analytics-node";

const analytics = new Analytics({{ writeKey: "{key}", host: "{address}" }});
analytics.identify({{ userId: "42", traits: {{ email: "jane@example.com", plan: "gold" }} }});
analytics.track({{ userId: "42", event: "Order Completed", properties: {{ total: 59.9, currency: "EUR" }} }});
await analytics.closeAndFlush();"""
_PYTHON = """# pip install segment-analytics-python
import segment.analytics as analytics

analytics.write_key = "{key}"
analytics.host = "{address}"
analytics.identify("42", {{"email": "jane@example.com", "plan": "gold"}})
analytics.track("42", "Order Completed", {{"total": 59.9, "currency": "EUR"}})
analytics.flush()"""
_CURL = """curl {address}/v1/track -u {key}: -H 'Content-Type: application/json' \\
  -d '{{"userId": "42", "event": "Order Completed", "properties": {{"total": 59.9, "currency": "EUR"}}}}'"""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code for one kind of client."""

    slug: str
    title: str
    code: str


def snippets(*, address: str, key: str | None) -> list[Snippet]:
    """One for each kind of client; without a key, a placeholder stands in its place."""
    parts = urlsplit(address)
    values = {
        "address": address.rstrip("/"), "key": key or PLACEHOLDER, "host": parts.netloc, "scheme": parts.scheme,
    }  # fmt: skip
    kinds = (
        ("browser", "Browser", _BROWSER), ("node", "Node", _NODE), ("python", "Python", _PYTHON),
        ("curl", "curl", _CURL),
    )  # fmt: skip
    return [Snippet(slug, title, code.format(**values)) for slug, title, code in kinds]
