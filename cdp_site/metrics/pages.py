"""What Django's pages cost, counted where they are answered."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("headwater_http_requests_total", "Requests that Django answered", ["method", "status"])
SECONDS = Histogram(
    "headwater_http_request_seconds", "From a request's last byte to its answer's, waiting for a thread included",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
WAITING = Gauge(
    "headwater_http_requests_in_progress", "Requests that Django works on or that wait for a thread",
    multiprocess_mode="livesum",
)  # fmt: skip
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count(method: str, status: int, seconds: float) -> None:
    """Count one answer."""
    REQUESTS.labels(method if method in _METHODS else "other", str(status)).inc()
    SECONDS.observe(seconds)
