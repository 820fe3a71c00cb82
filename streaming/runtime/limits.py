"""How many dead letters are too many: a bad deploy must not drain a topic."""

from collections import deque
from dataclasses import dataclass

from streaming.runtime.stopping import ConsumerStopped


@dataclass(frozen=True, slots=True)
class DeadLetterLimit:
    """Stops a consumer at `in_a_row` dead letters without a success between them, or above `ratio`.

    The ratio is taken over the last `window` messages, and only from `at_least` dead letters on.
    """

    in_a_row: int = 100
    ratio: float = 0.1
    window: int = 2000
    at_least: int = 50


class DeadLetterCount:
    """Counts outcomes of messages. Belongs to one thread."""

    def __init__(self, consumer: str, limit: DeadLetterLimit) -> None:
        self._consumer = consumer
        self._limit = limit
        self._run = 0
        self._recent: deque[tuple[int, int]] = deque()  # messages and dead letters of each transaction
        self._messages = self._dead = 0

    def begin_with(self, run: int, messages: int = 0, dead: int = 0) -> None:
        """Take over what stands right before the positions where reading begins.

        `run` dead letters in a row, and `dead` of the last `messages` that were not counted here before.
        """
        self._run = max(self._run, run)
        if messages:
            self._remember(messages, dead)

    def check(self, refused: list[bool]) -> None:
        """Raise ConsumerStopped if these outcomes, in order of the messages, would be too many."""
        if not any(refused):
            return
        run = longest = self._run
        for dead in refused:
            run = run + 1 if dead else 0
            longest = max(longest, run)
        if longest >= self._limit.in_a_row:
            self._stop(f"{longest} messages in a row could not be processed")
        messages, dead_letters = self._messages + len(refused), self._dead + sum(refused)
        if dead_letters >= self._limit.at_least and dead_letters > self._limit.ratio * messages:
            self._stop(f"{dead_letters} of the last {messages} messages could not be processed")

    def add(self, refused: list[bool]) -> None:
        """Remember committed outcomes, in order of the messages."""
        at_end = _run_at_end(refused)
        self._run = self._run + at_end if at_end == len(refused) else at_end
        self._remember(len(refused), sum(refused))

    def add_successes(self, messages: int) -> None:
        """Remember committed messages of which none was refused."""
        if messages:
            self._run = 0
            self._remember(messages, 0)

    def _remember(self, messages: int, dead: int) -> None:
        self._recent.append((messages, dead))
        self._messages += messages
        self._dead += dead
        while self._recent and self._messages - self._recent[0][0] >= self._limit.window:
            former_messages, former_dead = self._recent.popleft()
            self._messages -= former_messages
            self._dead -= former_dead

    def _stop(self, what: str) -> None:
        raise ConsumerStopped(
            f"the consumer {self._consumer!r} stopped: {what}, which looks like a fault of the program rather than "
            f"of the messages. Nothing of the last batch was committed. See the reasons with `manage.py dead_letters "
            f"list --consumer {self._consumer}`, mend the cause, then start the consumer again"
        )


def _run_at_end(refused: list[bool]) -> int:
    run = 0
    for dead in reversed(refused):
        if not dead:
            break
        run += 1
    return run
