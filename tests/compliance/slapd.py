"""Real OpenLDAP servers with the staff of a shop in them: one as most have it, one with the schema of Active Directory."""

import base64
import re
import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from slapdtest import SlapdObject

SUFFIX = "dc=harbour,dc=test"
PEOPLE, GROUPS, POLICIES = (f"ou={each},{SUFFIX}" for each in ("people", "groups", "policies"))
READER, READER_PASSWORD = f"cn=reader,{SUFFIX}", "reader-secret"
FOR_GOOD = "000001010000Z"


class Slapd(SlapdObject):
    """Listens on a port of its own, with StartTLS, and on one with TLS from the first byte; `begin` starts it.

    It keeps `memberOf` and has a password policy, by the overlays.
    """

    suffix = SUFFIX
    root_cn = "admin"
    root_pw = "root-secret"
    openldap_schema_files = ("core.ldif", "cosine.ldif", "nis.ldif", "inetorgperson.ldif")
    slapd_loglevel = "none"
    ldap_uri: str
    modules: tuple[str, ...] = ("memberof", "ppolicy")

    def __init__(self, place: Path) -> None:
        self.TMPDIR = str(place)
        super().__init__()
        self.ldaps_uri = f"ldaps://127.0.0.1:{self._avail_tcp_port()}/"

    def gen_config(self) -> str:
        loads = "".join(f"\nolcModuleLoad: {each}" for each in self.modules)
        config = super().gen_config()
        back = f"olcModuleLoad: back_{self.database}"
        return str(config.replace(back, back + loads))

    def _write_config(self) -> None:
        """The overlays come last: they need the schemas."""
        super()._write_config()
        if self.modules:
            self.slapadd(_OVERLAYS, ["-n0"])

    def _start_slapd(self) -> None:
        """As the base class does, with one more address."""
        plain = self.ldap_uri
        self.ldap_uri = f"{plain} {self.ldaps_uri}"
        try:
            super()._start_slapd()
        finally:
            self.ldap_uri = plain

    def begin(self) -> None:
        self.start()
        self.ldapadd(_TREE + _STAFF)

    def add_person(self, uid: str, password: str, groups: tuple[str, ...] = (), more: str = "") -> None:
        self.ldapadd(_PERSON.format(uid=uid, password=password) + more)
        for group in groups:
            self.change_group(group, "add", uid)

    def add_group(self, name: str, *members: str, kind: str = "groupOfNames", lists: str = "member") -> str:
        """A group of these distinguished names; its own."""
        dn = f"cn={name},{GROUPS}"
        listed = "".join(f"\n{lists}: {each}" for each in members)
        number = f"\ngidNumber: {uuid.uuid4().int % 10**6}" if kind == "posixGroup" else ""
        self.ldapadd(f"dn: {dn}\nobjectClass: {kind}\ncn: {name}{number}{listed}\n")
        return dn

    def change(self, dn: str, changes: str, *options: str) -> None:
        self.ldapmodify(f"dn: {dn}\nchangetype: modify\n{changes}\n", list(options))

    def change_group(self, group: str, change: str, uid: str) -> None:
        self.change(f"cn={group},{GROUPS}", f"{change}: member\nmember: uid={uid},{PEOPLE}")

    def members(self, group: str) -> set[str]:
        """The uids in a group."""
        found = subprocess.run(
            ["ldapsearch", "-LLL", "-x", "-H", self.ldap_uri, "-D", self.root_dn, "-w", self.root_pw,
             "-b", f"cn={group},{GROUPS}", "member"],
            check=True, capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        return set(re.findall(r"uid=([^,]+),", found.stdout))


class LikeActiveDirectory(Slapd):
    """Has those classes and attributes of Active Directory that tell who somebody is, filled as it does."""

    modules = ()

    def _write_config(self) -> None:
        super()._write_config()
        self.slapadd(_SCHEMA, ["-n0"])

    def begin(self) -> None:
        self.start()
        self.ldapadd(_TREE)

    def add_user(
        self, name: str, password: str, *, control: int = 512, more: str = "", groups: tuple[str, ...] = ()
    ) -> str:
        """A user in these groups (distinguished names); its distinguished name."""
        dn = f"cn={name},{PEOPLE}"
        self.ldapadd(
            _TOP.format(dn=dn, guid=_bytes(uuid.uuid4().bytes_le), kind="user")
            + f"cn: {name}\nsn: Marlow\ngivenName: Alice\nmail: {name}@harbour.test\nsAMAccountName: {name}\n"
            f"userPrincipalName: {name}@harbour.test\nuserAccountControl: {control}\nuserPassword: {password}\n{more}"
        )
        for group in groups:
            self.join(dn, group)
        return dn

    def add_ad_group(self, name: str) -> str:
        dn = f"cn={name},{GROUPS}"
        guid = _bytes(uuid.uuid4().bytes_le)
        self.ldapadd(
            _TOP.format(dn=dn, guid=guid, kind="group")
            + f"cn: {name}\ngroupType: 2\nsAMAccountName: {name}\n"
        )
        return dn

    def join(self, member: str, group: str) -> None:
        """Both ways, as Active Directory keeps it."""
        self.change(group, f"add: member\nmember: {member}")
        self.change(member, f"add: memberOf\nmemberOf: {group}")


def certificate_for_itself(place: Path, address: str = "127.0.0.1") -> tuple[Path, Path]:
    """A certificate for this address that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rogue.harbour.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = place / "rogue.pem", place / "rogue.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, secret


def _bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


_OVERLAYS = """
dn: olcOverlay=memberof,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcMemberOf
olcOverlay: memberof
olcMemberOfRefInt: TRUE

dn: olcOverlay=ppolicy,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcPPolicyConfig
olcOverlay: ppolicy
olcPPolicyUseLockout: TRUE
"""
# Under the arc that is reserved for examples; Active Directory's own numbers would bring its own matching rules.
_SCHEMA = (
    """
dn: cn=active,cn=schema,cn=config
objectClass: olcSchemaConfig
cn: active
"""
    + "".join(
        f"olcAttributeTypes: ( 2.999.1.{number} NAME '{name}' EQUALITY {rule} SYNTAX 1.3.6.1.4.1.1466.115.121.1.{syntax}{many} )\n"
        for number, (name, rule, syntax, many) in enumerate(
            [
                ("sAMAccountName", "caseIgnoreMatch", 15, " SINGLE-VALUE"),
                ("userPrincipalName", "caseIgnoreMatch", 15, " SINGLE-VALUE"),
                ("userAccountControl", "integerMatch", 27, " SINGLE-VALUE"),
                ("accountExpires", "integerMatch", 27, " SINGLE-VALUE"),
                ("groupType", "integerMatch", 27, " SINGLE-VALUE"),
                ("objectGUID", "octetStringMatch", 40, " SINGLE-VALUE"),
                ("memberOf", "distinguishedNameMatch", 12, ""),
            ]
        )
    )
    + """olcObjectClasses: ( 2.999.2.1 NAME 'user' SUP organizationalPerson STRUCTURAL MAY ( givenName $ mail $ sAMAccountName
  $ userPrincipalName $ userAccountControl $ accountExpires $ objectGUID $ memberOf $ distinguishedName ) )
olcObjectClasses: ( 2.999.2.2 NAME 'computer' SUP user STRUCTURAL )
olcObjectClasses: ( 2.999.2.3 NAME 'group' SUP top STRUCTURAL MUST cn MAY ( member $ groupType $ sAMAccountName
  $ objectGUID $ memberOf $ distinguishedName ) )
"""
)
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
""" + "".join(
    f"""
dn: ou={unit},{SUFFIX}
objectClass: organizationalUnit
ou: {unit}
"""
    for unit in ("people", "groups", "policies")
)
_STAFF = f"""
dn: cn=strict,{POLICIES}
objectClass: device
objectClass: pwdPolicy
cn: strict
pwdAttribute: userPassword
pwdMaxAge: 3600
pwdMustChange: TRUE
pwdLockout: TRUE
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
objectClass: shadowAccount
uid: {{uid}}
cn: {{uid}}
sn: Marlow
givenName: Alice
mail: {{uid}}@harbour.test
userPassword: {{password}}
"""
_TOP = """
dn: {dn}
objectClass: {kind}
objectGUID:: {guid}
distinguishedName: {dn}
"""
