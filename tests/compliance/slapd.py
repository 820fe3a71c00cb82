"""A real OpenLDAP server with the staff of a shop in it."""

import re
import subprocess
from pathlib import Path

from slapdtest import SlapdObject

SUFFIX = "dc=harbour,dc=test"
PEOPLE, GROUPS = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"
READER, READER_PASSWORD = f"cn=reader,{SUFFIX}", "reader-secret"


class Slapd(SlapdObject):
    """Listens on a port of its own; `begin` starts it, `stop` ends it."""

    suffix = SUFFIX
    root_cn = "admin"
    root_pw = "root-secret"
    openldap_schema_files = ("core.ldif", "cosine.ldif", "inetorgperson.ldif")
    slapd_loglevel = "none"

    def __init__(self, place: Path) -> None:
        self.TMPDIR = str(place)
        super().__init__()

    def begin(self) -> None:
        self.start()
        self.ldapadd(_TREE)

    def add_person(self, uid: str, password: str, groups: tuple[str, ...] = ()) -> None:
        self.ldapadd(_PERSON.format(uid=uid, password=password))
        for group in groups:
            self.change_group(group, "add", uid)

    def change_group(self, group: str, change: str, uid: str) -> None:
        self.ldapmodify(
            f"dn: cn={group},{GROUPS}\nchangetype: modify\n{change}: member\nmember: uid={uid},{PEOPLE}\n"
        )

    def members(self, group: str) -> set[str]:
        """The uids in a group."""
        found = subprocess.run(
            ["ldapsearch", "-LLL", "-x", "-H", self.ldap_uri, "-D", self.root_dn, "-w", self.root_pw,
             "-b", f"cn={group},{GROUPS}", "member"],
            check=True, capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        return set(re.findall(r"uid=([^,]+),", found.stdout))


_TREE = f"""
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
o: Harbour
dc: harbour

dn: {READER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: {READER_PASSWORD}

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {GROUPS}
objectClass: organizationalUnit
ou: groups
""" + "".join(
    f"""
dn: cn={group},{GROUPS}
objectClass: groupOfNames
cn: {group}
member: {READER}
"""
    for group in ("marketer", "administrator", "harbour-analysts", "canteen")
)
_PERSON = f"""
dn: uid={{uid}},{PEOPLE}
objectClass: inetOrgPerson
uid: {{uid}}
cn: {{uid}}
sn: Marlow
givenName: Alice
mail: {{uid}}@harbour.test
userPassword: {{password}}
"""
