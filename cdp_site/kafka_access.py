"""How a real Kafka cluster lets us in: TLS and login from the environment, as settings of the client."""

from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
PROTOCOL, MECHANISM = "KAFKA_SECURITY_PROTOCOL", "KAFKA_SASL_MECHANISM"
USERNAME, PASSWORD = "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"
AUTHORITIES, CERTIFICATE = "KAFKA_SSL_CA_LOCATION", "KAFKA_SSL_CERTIFICATE_LOCATION"
KEY, KEY_PASSWORD = "KAFKA_SSL_KEY_LOCATION", "KAFKA_SSL_KEY_PASSWORD"
CHECK_HOSTNAME = "KAFKA_SSL_CHECK_HOSTNAME"


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """What was set. Secrets do not show in its text."""

    protocol: str = "PLAINTEXT"
    mechanism: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    authorities: str = ""
    certificate: str = ""
    key: str = ""
    key_password: str = field(default="", repr=False)
    check_hostname: bool = True

    @property
    def client_settings(self) -> dict[str, str]:
        """In librdkafka's words."""
        given = {"security.protocol": self.protocol}
        if self.protocol.startswith("SASL"):
            given |= {
                "sasl.mechanism": self.mechanism,
                "sasl.username": self.username,
                "sasl.password": self.password,
            }
        if self.protocol.endswith("SSL"):
            given |= {
                "ssl.ca.location": self.authorities,
                "ssl.certificate.location": self.certificate,
                "ssl.key.location": self.key,
                "ssl.key.password": self.key_password,
                "ssl.endpoint.identification.algorithm": "https" if self.check_hostname else "none",
            }
        return {name: value for name, value in given.items() if value}


def read_kafka_access(env: Env) -> KafkaAccess:
    """Read and check it. Raises ImproperlyConfigured naming the variable and what it should be."""
    access = KafkaAccess(
        protocol=_one_of(env, PROTOCOL, "PLAINTEXT", PROTOCOLS),
        mechanism=_one_of(env, MECHANISM, "", ("", *MECHANISMS)),
        username=env.str(USERNAME, ""),
        password=_secret(env, PASSWORD),
        authorities=_file(env, AUTHORITIES),
        certificate=_file(env, CERTIFICATE),
        key=_file(env, KEY),
        key_password=_secret(env, KEY_PASSWORD),
        check_hostname=env.bool(CHECK_HOSTNAME, True),
    )
    _check_login(access)
    _check_certificates(access)
    return access


def _check_login(access: KafkaAccess) -> None:
    given = {MECHANISM: access.mechanism, USERNAME: access.username, PASSWORD: access.password}
    if access.protocol.startswith("SASL"):
        if lacking := [name for name, value in given.items() if not value]:
            raise ImproperlyConfigured(
                f"{PROTOCOL} is {access.protocol}, which needs {', '.join(lacking)} too"
            )
    elif superfluous := [name for name, value in given.items() if value]:
        raise ImproperlyConfigured(
            f"{', '.join(superfluous)} would not be used, because {PROTOCOL} is {access.protocol}: "
            "set it to SASL_SSL, or leave them out"
        )


def _check_certificates(access: KafkaAccess) -> None:
    given = {AUTHORITIES: access.authorities, CERTIFICATE: access.certificate, KEY: access.key}
    if not access.protocol.endswith("SSL"):
        if superfluous := [name for name, value in given.items() if value]:
            raise ImproperlyConfigured(
                f"{', '.join(superfluous)} would not be used, because {PROTOCOL} is {access.protocol}: "
                "set it to SSL or SASL_SSL, or leave them out"
            )
    elif bool(access.certificate) != bool(access.key):
        raise ImproperlyConfigured(f"{CERTIFICATE} and {KEY} belong together: set both, or neither")


def _one_of(env: Env, name: str, default: str, values: tuple[str, ...]) -> str:
    value = env.str(name, default).upper()
    if value not in values:
        raise ImproperlyConfigured(
            f"{name} should be one of {', '.join(filter(None, values))}, not {value!r}"
        )
    return value


def _file(env: Env, name: str) -> str:
    path = env.str(name, "")
    if path:
        _read(name, path)
    return path


def _secret(env: Env, name: str) -> str:
    """The secret itself, or what the file holds that NAME_FILE names."""
    secret, path = env.str(name, ""), env.str(f"{name}_FILE", "")
    if secret and path:
        raise ImproperlyConfigured(f"set {name} or {name}_FILE, not both")
    return _read(f"{name}_FILE", path).strip() if path else secret


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError as error:
        raise ImproperlyConfigured(f"{name} names {path}, which cannot be read: {error.strerror}") from error
