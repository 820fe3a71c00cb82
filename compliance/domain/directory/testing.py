"""The test of the connection that the page offers: for whom, how often, and that it was done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.domain.directory.configuration import Directory
from compliance.domain.directory.examining import Step, Verdict, examine
from compliance.domain.directory.examining_person import Person, examine_person
from compliance.domain.trail.rows import Wanted, page_of_trail
from compliance.enums import Operation

ACTION = "directory.test"
MOST, WITHIN = 6, timedelta(minutes=1)
LONGEST_NAME = 150


class TestedTooOften(Exception):
    """The page is no place to guess passwords."""


@dataclass(frozen=True, slots=True)
class Report:
    """The steps, and what was found of the person who was asked for."""

    steps: list[Step]
    person: Person | None

    @property
    def works(self) -> bool:
        """Whether people can sign in by some server, and whoever was asked for too."""
        steps = [*(self.person.steps if self.person else ())]
        content = [each for each in self.steps if not each.server]
        return bool(content) and all(each.verdict is not Verdict.WRONG for each in [*content, *steps])

    @property
    def servers_in_trouble(self) -> int:
        """How many servers cannot be used, whether others can or not."""
        return len({each.server for each in self.steps if each.server and each.verdict is Verdict.WRONG})


def run_test(directory: Directory, *, name: str, password: str, by: Actor, now: datetime) -> Report:
    """Test it; at most MOST times a minute for each member of staff. Keeps that it was done, and for whom as a pseudonym.

    Raises AccessDenied, TestedTooOften.
    """
    require(by, Operation.DIRECTORY_MANAGE)
    newest = page_of_trail(Wanted(by=by.name, action=ACTION), before=None, limit=MOST).rows
    if sum(row.at > now - WITHIN for row in newest) >= MOST:
        raise TestedTooOften(f"That was {MOST} tests within a minute: wait a moment.")
    name = name.strip()[:LONGEST_NAME]
    subjects = [f"user:{name}"] if name else []
    detail = {"with_password": bool(password)} if name else {}
    record_change(by, action=ACTION, target="", subjects=subjects, detail=detail)
    steps, session = examine(directory, now=now)
    if session is None:
        return Report(steps, None)
    try:
        person = examine_person(session, directory, name=name, password=password, now=now) if name else None
    finally:
        session.end()
    return Report(steps, person)
