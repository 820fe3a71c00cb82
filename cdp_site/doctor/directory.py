"""The directory (LDAP) that was set: each step of its test that does not go well, and how following it stands."""

from collections.abc import Iterator
from datetime import datetime

from cdp_site.doctor.finding import Finding, good, warning, wrong
from cdp_site.words import duration
from compliance.domain.directory.configuration import Directory
from compliance.models import DirectoryMapping, DirectorySync

SUBJECT = "directory"
LATE_RUNS = 5
_MEANWHILE = "Accounts with a password of ours sign in meanwhile."


def check_directory(directory: Directory, *, now: datetime) -> Iterator[Finding]:
    """What is wrong with the servers, the content, the mapping and the sync; one line when nothing is."""
    found = [*_tested(directory, now), *_mapped(directory), *_followed(directory, now)]
    yield from found or [good(SUBJECT, f"{', '.join(directory.urls)} can be used")]


def _tested(directory: Directory, now: datetime) -> Iterator[Finding]:
    from compliance.domain.directory.examining import Verdict, examine  # noqa: PLC0415 -- imports ldap

    steps, session = examine(directory, now=now)
    if session is not None:
        session.end()
    for step in steps:
        if step.verdict is Verdict.GOOD:
            continue
        where = f"{step.server}, " if step.server else ""
        text, advice = f"{where}{step.title.lower()}: {step.said}", f"{step.advice} {_MEANWHILE}"
        # One server of several that is away is a warning: people sign in by the others.
        is_wrong = step.verdict is Verdict.WRONG and (session is None or not step.server)
        yield wrong(SUBJECT, text, advice) if is_wrong else warning(SUBJECT, text, step.advice)


def _mapped(directory: Directory) -> Iterator[Finding]:
    if not (directory.roles or directory.roles_by_name or DirectoryMapping.objects.exists()):
        yield warning(
            SUBJECT, "no group has a role, so that nobody signs in by it",
            "Give groups their roles under Settings, Directory, or in LDAP_ROLES.",
        )  # fmt: skip


def _followed(directory: Directory, now: datetime) -> Iterator[Finding]:
    row = DirectorySync.objects.filter(pk=1).first()
    if row is None:  # nobody has run it yet
        return
    if row.held:
        yield wrong(SUBJECT, row.held, "See that the directory holds what it should.")
    since = now - (row.succeeded_at or row.ran_at or now)
    if not row.held and since.total_seconds() > directory.sync_s * LATE_RUNS:
        yield wrong(
            SUBJECT, f"it was followed last {duration(since.total_seconds())} ago. {row.trouble}".strip(),
            "Leavers are not shut out meanwhile: see that the worker and the beat run, and the directory answers.",
        )  # fmt: skip
