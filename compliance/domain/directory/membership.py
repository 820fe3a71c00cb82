"""Whether the directory has somebody in a group at this moment."""

import ldap

from compliance.domain.directory import people
from compliance.domain.directory.configuration import Directory
from compliance.domain.directory.entries import mapping_key
from compliance.domain.directory.groups import TooManyGroups, memberships
from compliance.domain.directory.session import DirectoryAway, session_of
from compliance.models import DirectoryAccount

LONGEST_S = 3.5


class CannotTell(Exception):
    """The directory does not say now; the message says what to do."""


def is_in_group(directory: Directory, account: DirectoryAccount, group: str) -> bool:
    """Whether the entry of this account is in the group that is named so in a mapping, through groups in groups too.

    Takes LONGEST_S at most. Raises CannotTell.
    """
    key = mapping_key(group)
    try:
        with session_of(directory, lasts_s=LONGEST_S) as session:
            for entry in people.identified(session, directory, [account.entry_id]):
                found = [each.group for each in memberships(session, directory, entry)]
                return any(key in (each.normal, mapping_key(each.name)) for each in found)
    except (DirectoryAway, TooManyGroups, ldap.LDAPError) as error:
        raise CannotTell(
            "the directory does not answer, so try again in a minute or have a local account decide"
        ) from error
    return False
