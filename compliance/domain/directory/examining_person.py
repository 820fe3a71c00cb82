"""What would become of somebody who signs in: which entry, whether it is open, which groups by which path, which roles."""

from dataclasses import dataclass
from datetime import datetime

import ldap

from compliance.domain.directory import accounts, people
from compliance.domain.directory.configuration import Directory
from compliance.domain.directory.entries import Entry
from compliance.domain.directory.examining import Step, Verdict
from compliance.domain.directory.groups import Membership, TooManyGroups, memberships
from compliance.domain.directory.mapping import Given, Mapping
from compliance.domain.directory.session import Session
from compliance.domain.directory.standing import closed_because, hindered_because

SHOWN = 200
_CLOSED = {
    "disabled": "The account is disabled in the directory.",
    "expired": "The account has expired in the directory.",
    "locked": "The account is locked in the directory until somebody opens it.",
}
_HINDERED = {
    "locked": "The account is locked for now, after too many wrong passwords.",
    "password": "The password has expired, or has to be changed before the next sign-in.",
}


@dataclass(frozen=True, slots=True)
class Person:
    """What was found of somebody, as far as it went."""

    steps: list[Step]
    groups: tuple[Membership, ...] = ()
    given: tuple[Given, ...] = ()


def examine_person(
    session: Session, directory: Directory, *, name: str, password: str, now: datetime
) -> Person:
    """Look somebody up as a sign-in would; with a password, see whether it is right."""
    try:
        found = people.named(session, directory, name)
    except ldap.LDAPError as error:
        return Person(
            [_wrong("Entry", f"The search fails: {type(error).__name__}.", "See LDAP_USER_FILTER.")]
        )
    if len(found) != 1:
        advice = (
            "See LDAP_USER_BASE and LDAP_USER_FILTER."
            if not found
            else "Make LDAP_USER_FILTER fit one entry only."
        )
        return Person([_wrong("Entry", f"{len(found)} entries have this name; a sign-in needs one.", advice)])
    [entry] = found
    steps = [Step("Entry", Verdict.GOOD, entry.dn), _open(entry, now), _account(entry, directory)]
    groups, given, of_groups = _groups(session, directory, entry)
    steps += of_groups
    if password:
        steps.append(_password(session, entry, password))
    return Person(steps, tuple(groups[:SHOWN]), tuple(given))


def _open(entry: Entry, now: datetime) -> Step:
    closed = closed_because(entry, now=now)
    if closed:
        return _wrong("State", _CLOSED.get(closed, closed), "Whoever looks after the directory can open it.")
    if hindered := hindered_because(entry):
        return Step("State", Verdict.WARNING, _HINDERED[hindered], "The directory lets nobody in until then.")
    return Step("State", Verdict.GOOD, "The account is open.")


def _account(entry: Entry, directory: Directory) -> Step:
    try:
        user, is_new = accounts.account_of(entry, directory)
    except accounts.NoAccount as error:
        advice = "Rename one of the two, or have this person sign in with the local account."
        return _wrong("Account here", f"None: {error}.", advice)
    if not is_new and not user.is_active:
        return _wrong(
            "Account here", f"{user.username} is shut out.", "Let them in again under Users and roles."
        )
    return Step(
        "Account here", Verdict.GOOD, f"{user.username}{', made at the first sign-in' if is_new else ''}."
    )


def _groups(
    session: Session, directory: Directory, entry: Entry
) -> tuple[list[Membership], list[Given], list[Step]]:
    try:
        groups = memberships(session, directory, entry, with_paths=True)
        counting = memberships(session, directory, entry)
    except (ldap.LDAPError, TooManyGroups) as error:
        said = f"The groups cannot be read: {error if isinstance(error, TooManyGroups) else type(error).__name__}."
        return [], [], [_wrong("Groups", said, "See LDAP_GROUP_BASE and LDAP_GROUP_LOOKUP.")]
    paths = {each.group.normal: each for each in groups}
    groups = [paths.get(each.group.normal, each) for each in counting]
    given = Mapping(directory).given(groups)
    steps = [
        Step(
            "Groups",
            Verdict.GOOD,
            f"In {len(groups):,} group{'s' * (len(groups) != 1)}, counting groups in groups.",
        )
    ]
    if given:
        names = ", ".join(sorted({each.role for each in given}))
        return groups, given, [*steps, Step("Roles", Verdict.GOOD, f"{names}.")]
    advice = "Give one of these groups a role on the page of the directory."
    return groups, given, [*steps, _wrong("Roles", "None, so that they do not get in.", advice)]


def _password(session: Session, entry: Entry, password: str) -> Step:
    """The last step: the session is theirs afterwards."""
    try:
        session.simple_bind_s(entry.dn, password)
    except ldap.INVALID_CREDENTIALS:
        return _wrong("Password", session.refusal.why or "It is wrong.", "Nothing of it was kept.")
    except ldap.LDAPError as error:
        return _wrong("Password", f"The server answers {type(error).__name__}.", "See what its own log says.")
    return Step("Password", Verdict.GOOD, "It is right. Nothing of it was kept.")


def _wrong(title: str, said: str, advice: str) -> Step:
    return Step(title, Verdict.WRONG, said, advice)
