"""Why a worker stops, or leaves a batch uncommitted."""


class ConsumerStopped(Exception):
    """The consumer stopped by rule, uncommitted. The text says what happened to what, and what resolves it."""


class Interrupted(Exception):
    """The batch in hand is left uncommitted: the worker was told to stop or to give partitions back."""


class LeaseLost(Exception):
    """Another worker owns partitions of this batch by now; nothing of it was committed."""


class OutboxGap(Exception):
    """Records that a lane sent before this one are missing from the log: a fault to show, never to skip."""

    def __init__(self, text: str, topic: str) -> None:
        super().__init__(text)
        self.topic = topic
