"""A Kafka listener for known users only: SASL over TLS, with an authority of the test's own, and rights by ACL."""

import datetime as dt
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
MEMBER, GUEST = "headwater", "guest"
PASSWORD = "harbour-lights-42"
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass(frozen=True)
class Authority:
    """Signs certificates; its own is the file `certificate`."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    certificate: Path

    @classmethod
    def made(cls, directory: Path, title: str) -> "Authority":
        key, name = ec.generate_private_key(ec.SECP256R1()), _name(title)
        path = directory / f"{title}.pem"
        signed = _builder(name, name, key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        path.write_bytes(signed.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return cls(name, key, path)

    def sign(self, title: str) -> tuple[bytes, bytes]:
        """The certificate of HOST and its key, in PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST)), x509.DNSName("kafka.test")])
        certificate = _builder(_name(title), self.name, key).add_extension(names, critical=False)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return certificate.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), private


def _name(title: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=30))
    )  # fmt: skip


class TlsGuard:
    """SASL over TLS: MEMBER may do everything, GUEST what a test grants; both have PASSWORD, by every mechanism."""

    protocol = "SASL_SSL"
    format_options = tuple(
        option
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
        for user in (MEMBER, GUEST)
        for option in ("--add-scram", f"{mechanism}=[name={user},password={PASSWORD}]")
    )

    def __init__(self, directory: Path) -> None:
        self.authority = Authority.made(directory, "authority")
        self.stranger = Authority.made(directory, "stranger")
        certificate, key = self.authority.sign("broker")
        self._keystore = directory / "broker.pem"
        self._keystore.write_bytes(key + certificate)
        self.client_certificate, self.client_key = directory / "client.pem", directory / "client.key"
        for path, content in zip(
            (self.client_certificate, self.client_key), self.authority.sign("client"), strict=True
        ):
            path.write_bytes(content)

    def properties(self) -> dict[str, object]:
        listener = "listener.name.guarded"
        users = " ".join(f'user_{user}="{PASSWORD}"' for user in (MEMBER, GUEST))
        return {
            f"{listener}.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            f"{listener}.plain.sasl.jaas.config": f"{_PLAIN} required {users};",
            f"{listener}.scram-sha-256.sasl.jaas.config": f"{_SCRAM} required;",
            f"{listener}.scram-sha-512.sasl.jaas.config": f"{_SCRAM} required;",
            f"{listener}.ssl.keystore.type": "PEM",
            f"{listener}.ssl.keystore.location": self._keystore,
            f"{listener}.ssl.truststore.type": "PEM",
            f"{listener}.ssl.truststore.location": self.authority.certificate,
            f"{listener}.ssl.client.auth": "requested",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:ANONYMOUS;User:{MEMBER}",
        }

    def environment(self, **changed: str) -> dict[str, str]:
        """What an operator sets to come in as MEMBER; an empty text leaves a variable out."""
        usual = {
            "KAFKA_SECURITY_PROTOCOL": self.protocol,
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_SASL_USERNAME": MEMBER,
            "KAFKA_SASL_PASSWORD": PASSWORD,
            "KAFKA_SSL_CA_LOCATION": str(self.authority.certificate),
        }
        return {name: value for name, value in {**usual, **changed}.items() if value}
