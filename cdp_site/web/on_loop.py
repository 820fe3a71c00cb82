"""Requests that the event loop answers itself, because all they wait for is prepared statements (docs/adr/0089).

Django's code runs in a greenlet. Where it asks the database it steps aside, and the event loop goes on with others
until the answer is there: no change of thread, and the statements of several requests go together. What would have to
wait in another way raises Elsewhere (so do Django's own connections here), and is begun again on a thread.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from functools import partial
from typing import Any, TypeVar

from django.core.exceptions import SynchronousOnlyOperation
from greenlet import getcurrent, greenlet

from cdp_site.metrics import pages
from streaming.prepared import Elsewhere, Write, prepared_by, rows_parameter
from streaming.shared_session import Row, SharedSession, Unavailable

AT_ONCE = 64  # more of them wait for a thread, where those are refused that are too many

Environ = dict[str, Any]
Result = TypeVar("Result")


class OnLoop:
    """Runs work of requests on the event loop, as many at a time as are worth it."""

    def __init__(
        self, is_meant: Callable[[Environ], bool], *, reads: SharedSession, commits: SharedSession
    ) -> None:
        self._is_meant, self._reads, self._commits = is_meant, reads, commits
        self._running = 0

    def may_run(self, environ: Environ) -> bool:
        """Whether the request is of those, and not too many of them run."""
        return self._running < AT_ONCE and self._is_meant(environ)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do the work in a context of its own. Raises Elsewhere, and then it may be begun again."""
        self._running += 1
        pages.work(1)
        committed: list[Write] = []
        try:
            result: Result = await _run(partial(Context().run, self._within, work, committed))
        except (Elsewhere, SynchronousOnlyOperation) as error:
            raise Elsewhere(committed) from error
        else:
            return result
        finally:
            self._running -= 1
            pages.work(-1)

    async def close(self) -> None:
        """Close the sessions."""
        await self._reads.close()
        await self._commits.close()

    def _within(self, work: Callable[[], Result], committed: list[Write]) -> Result:
        with prepared_by(_Aside(self._reads, self._commits, committed)):
            return work()


class _Aside:
    """Has the sessions run a request's statements, and the loop go on with others meanwhile."""

    def __init__(self, reads: SharedSession, commits: SharedSession, committed: list[Write]) -> None:
        self._reads, self._commits, self._committed = reads, commits, committed

    def ask(self, query: str, parameters: Sequence[Any], *, commits: bool) -> list[Row]:
        """As `run_prepared`. Raises Elsewhere."""
        rows = _wait_for((self._commits if commits else self._reads).ask, query, parameters)
        if commits:
            self._committed.append((query, list(parameters)))
        return rows

    def add(self, query: str, row: str) -> None:
        """As `add_prepared`. Raises Elsewhere."""
        _wait_for(self._commits.add, query, row)
        self._committed.append((query, [rows_parameter([row])]))


def _wait_for(ask: Callable[..., Awaitable[list[Row]]], *arguments: Any) -> list[Row]:
    try:
        rows: list[Row] = getcurrent().parent.switch(ask(*arguments))
    except Unavailable:
        raise Elsewhere from None
    return rows


async def _run(work: Callable[[], Any]) -> Any:
    """Run it in a greenlet, which gives awaitables to wait for and is given what they give."""
    request = greenlet(work)
    found = request.switch()
    while not request.dead:
        try:
            rows = await found
        except BaseException as error:  # noqa: BLE001 -- the work deals with it, or ends by it
            found = request.throw(error)
        else:
            found = request.switch(rows)
    return found
