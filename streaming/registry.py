"""The consumers that `run_consumers` can run: apps register theirs in `AppConfig.ready()`."""

from collections.abc import Callable

from streaming.runtime.consumer import Consumer

ConsumerFactory = Callable[[], Consumer]

_consumers: dict[str, ConsumerFactory] = {}


def register_consumer(name: str, factory: ConsumerFactory) -> None:
    """Make a consumer known under its name. Raises ValueError when another one has it."""
    if _consumers.setdefault(name, factory) is not factory:
        raise ValueError(f"two consumers are registered as {name!r}: each name is a position in the log")


def registered_consumers() -> dict[str, ConsumerFactory]:
    """All registered consumers by name."""
    return dict(sorted(_consumers.items()))
