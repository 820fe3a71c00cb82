"""Notices: what somebody must see to soon, on every page of those who may see the pipeline.

Other parts bring theirs through `register_notices`: a function that returns notices as of now. A page asks for them once
it is there, so that it is not later because of them.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django import db
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from streaming.contracts.log import LogError

MOST = 4
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is wrong (`text`), and what mends it: `action` names the link to `screen`, with the `place` it shows.

    `tone` is bad or warn. One with a `kind` also reaches people's inboxes, as a notice of that kind about `about`.
    """

    tone: str
    text: str
    action: str
    screen: str
    place: str | None = None
    kind: str = ""
    about: str = ""

    @property
    def href(self) -> str:
        """The address of the screen."""
        return reverse(f"admin:{self.screen}", args=[] if self.place is None else [self.place])


Notices = Callable[[datetime], Iterable[Notice]]
_sources: dict[str, Notices] = {}


def register_notices(name: str, source: Notices) -> None:
    """Have this one be asked too."""
    _sources[name] = source


def gather(now: datetime) -> list[Notice]:
    """All notices, the worst first."""
    found: list[Notice] = []
    for name, source in _sources.items():
        try:
            found += source(now)
        except (db.Error, LogError) as error:
            logger.warning("the notices of %s cannot be gathered: %s", name, error)
    return sorted(found, key=lambda notice: notice.tone != "bad")


def notices(request: HttpRequest) -> HttpResponse:
    """The strip that each page asks for."""
    return render(request, "headwater/_notices.html", {"notices": gather(timezone.now())[:MOST]})
