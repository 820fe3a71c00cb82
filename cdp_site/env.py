"""The environment, read once, typed, and refused with a clear message when it is wrong."""

import os
import re
import secrets
import socket
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError, validate

from cdp_site.audit_anchors import AuditAnchors, read_audit_anchors
from cdp_site.directory import read_directory
from cdp_site.kafka_access import KafkaAccess, read_kafka_access
from cdp_site.mail_server import MailServer, read_mail_server
from cdp_site.metrics.readers import metrics_tokens
from cdp_site.rates import Rates, read_rates
from cdp_site.sign_in import SignIn, read_sign_in
from compliance.domain.directory.configuration import Directory

MOST_WEB_WORKERS = 4
SHORTEST_SECRETS_KEY = 32
LOG_SCHEMES = ("kafka", "postgres", "memory")
MACHINE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")  # it begins the names of directories


@dataclass(frozen=True, slots=True)
class Environment:
    """What an operator can set from outside; DESIGN names are a promise to them (README, "Settings")."""

    home: Path
    debug: bool
    secret_key: str
    former_secret_keys: list[str]
    identifier_key: str
    secrets_keys: list[str]
    watched_folders: list[str]
    phone_region: str
    allowed_hosts: list[str]
    host: str
    host_name: str
    port: int
    public_url: str
    web_workers: int
    web_threads: int
    max_upload_mb: int
    log_format: str
    database: dict[str, Any] | None
    event_log: str
    kafka_access: KafkaAccess
    celery_broker_url: str | None
    task_redelivery_s: int
    postgres_binaries: Path | None
    event_partitions: int
    spool_limit_mb: int
    spool_window_days: int
    trusted_proxies: list[str]
    metrics_tokens: list[str]
    time_zone: str
    sign_in: SignIn
    demo_traffic: bool
    directory: Directory | None
    mail_server: MailServer | None
    audit_anchors: AuditAnchors
    rates: Rates


def read_environment() -> Environment:
    """Read and check all of it. Raises ImproperlyConfigured naming the variable and what it should be."""
    env = Env()
    try:
        home = Path(env.str("HEADWATER_HOME", ".headwater")).resolve()
        binaries = env.str("POSTGRES_BINARIES", "")
        port = number(env, "PORT", 8000, 1, 65535)
        url = public_url(env.str("PUBLIC_URL", "") or f"http://localhost:{port}")
        return Environment(
            home=home,
            debug=env.bool("DEBUG", False),
            secret_key=env.str("SECRET_KEY", "") or own_secret(home / "secret_key"),
            former_secret_keys=env.list("SECRET_KEY_FALLBACKS", [], subcast=str.strip),
            identifier_key=env.str("IDENTIFIER_KEY", "") or own_secret(home / "keys" / "identifiers"),
            secrets_keys=secrets_keys(env.list("SECRETS_KEY", []), home / "keys" / "secrets"),
            watched_folders=watched_folders(env.list("WATCHED_FOLDERS", []), home),
            phone_region=env.str("PHONE_REGION", "").upper(),
            allowed_hosts=hosts(env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"]), url),
            host=env.str("HOST", "127.0.0.1"),
            host_name=machine_name(env.str("HOST_NAME", "")),
            port=port,
            public_url=url,
            web_workers=number(env, "WEB_WORKERS", one_a_core(), 1, 64),
            web_threads=number(env, "WEB_THREADS", 8, 1, 64),
            max_upload_mb=number(env, "MAX_UPLOAD_MB", 2048, 1, 1_000_000),
            log_format=env.str("LOG_FORMAT", "text", validate=validate.OneOf(("text", "json"))),
            database=database_settings(env.str("DATABASE_URL", "")),
            event_log=event_log_url(env.str("EVENT_LOG", "postgres://")),
            kafka_access=read_kafka_access(env),
            celery_broker_url=env.str("CELERY_BROKER_URL", "") or None,
            task_redelivery_s=number(env, "TASK_REDELIVERY_S", 120, 1, 86400),
            postgres_binaries=Path(binaries) if binaries else None,
            event_partitions=number(env, "EVENT_PARTITIONS", 2, 1, 1000),
            spool_limit_mb=number(env, "SPOOL_LIMIT_MB", 1024, 1, 1_000_000),
            spool_window_days=number(env, "SPOOL_WINDOW_DAYS", 14, 1, 365),
            trusted_proxies=networks(env.list("TRUSTED_PROXIES", [])),
            metrics_tokens=metrics_tokens(env.list("METRICS_TOKEN", [])),
            time_zone=zone(env.str("TIME_ZONE", "UTC")),
            sign_in=read_sign_in(env),
            demo_traffic=env.bool("DEMO_TRAFFIC", True),
            directory=read_directory(env),
            mail_server=read_mail_server(env),
            audit_anchors=read_audit_anchors(env, home),
            rates=read_rates(env),
        )
    except EnvError as error:
        raise ImproperlyConfigured(f"environment: {error}") from error


def own_secret(path: Path) -> str:
    """The secret of this installation, made at first use and kept in a file that only its owner reads."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        building = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        building.touch(mode=0o600)
        building.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(building)  # the first of several processes wins
        except FileExistsError:
            pass
        finally:
            building.unlink()
    return path.read_text().strip()


def secrets_keys(given: list[str], kept: Path) -> list[str]:
    """The keys of stored secrets, the one that encrypts first; else the one of this installation."""
    keys = [key.strip() for key in given if key.strip()] or [own_secret(kept)]
    if min(map(len, keys)) < SHORTEST_SECRETS_KEY:
        raise ImproperlyConfigured(
            f"SECRETS_KEY: each key has at least {SHORTEST_SECRETS_KEY} characters; several are separated by commas, the newest first"
        )
    return keys


def watched_folders(given: list[str], home: Path) -> list[str]:
    """The folders of which others may be watched: whole paths, none that leads to what Headwater keeps for itself."""
    folders = [folder.strip() for folder in given if folder.strip()]
    for folder in folders:
        path = Path(folder)
        real = path.resolve()
        if not path.is_absolute() or ".." in path.parts or real == Path("/"):
            raise ImproperlyConfigured(
                "WATCHED_FOLDERS should be whole paths of folders, such as /srv/incoming, separated by commas"
            )
        if real.is_relative_to(home) or home.is_relative_to(real):
            raise ImproperlyConfigured(
                f"WATCHED_FOLDERS: {folder} holds, or stands in, HEADWATER_HOME with its keys: choose another folder"
            )
    return folders


def database_settings(url: str) -> dict[str, Any] | None:
    """Django's settings for `postgres://user:password@host[:port][,host2…]/name?option=value`; None when absent."""
    if not url:
        return None
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("postgres", "postgresql") or not name:
        raise ImproperlyConfigured(
            "DATABASE_URL should look like postgres://user:password@host:5432/name; a socket directory goes in ?host="
        )
    hosts, ports = [], []
    for host in parts.netloc.rpartition("@")[2].split(","):
        bare, _, port = host.rpartition(":") if ":" in host and not host.endswith("]") else (host, "", "")
        hosts.append(unquote(bare).strip("[]"))
        ports.append(port or "5432")
    options = dict(parse_qsl(parts.query))
    if "," in options.get("host", ",".join(hosts)):
        # Of several servers the one that takes writes is meant, whichever that is now.
        options.setdefault("target_session_attrs", "read-write")
    return {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", ",".join(hosts)),
        "PORT": options.pop("port", ",".join(ports)),
        "OPTIONS": options,
    }


def number(env: Env, name: str, default: int, least: int, most: int) -> int:
    """A whole number within bounds. Raises EnvError naming the variable."""
    return env.int(name, default, validate=validate.Range(least, most))


def one_a_core() -> int:
    """How many web processes a machine gets when nobody says: one a core, but memory for four at most."""
    return min(os.cpu_count() or 1, MOST_WEB_WORKERS)


def machine_name(name: str) -> str:
    """What this machine is called beside others that share its database: its own name when none is given."""
    if not name:
        return re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname()).lstrip("._-")[:80] or "localhost"
    if not MACHINE_NAME.fullmatch(name):
        raise ImproperlyConfigured(
            f"HOST_NAME should be up to 80 letters, digits, dots, - and _, beginning with a letter or digit, not {name!r}"
        )
    return name


def public_url(url: str) -> str:
    """The address at which browsers and SDKs reach the web server, without a final slash."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ImproperlyConfigured(f"PUBLIC_URL should look like https://cdp.example.com, not {url!r}")
    return f"{parts.scheme}://{parts.netloc}"


def hosts(names: list[str], url: str) -> list[str]:
    """The host names that the web server answers to, that of its public address among them."""
    return list(dict.fromkeys([*(name.strip() for name in names), urlsplit(url).hostname or ""]))


def zone(name: str) -> str:
    """The time zone of the installation, checked to exist."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ImproperlyConfigured(
            f"TIME_ZONE should be a name such as Europe/Berlin, not {name!r}"
        ) from error
    return name


def networks(texts: list[str]) -> list[str]:
    """Addresses and networks of proxies whose X-Forwarded-For is believed, checked for their form."""
    for text in texts:
        try:
            ip_network(text.strip(), strict=False)
        except ValueError as error:
            raise ImproperlyConfigured(f"TRUSTED_PROXIES should be addresses or networks: {error}") from error
    return [text.strip() for text in texts]


def event_log_url(url: str) -> str:
    """The address of the event log, checked for its scheme. It may hold a secret, and is not repeated."""
    scheme, separator, rest = url.partition("://")
    if scheme not in LOG_SCHEMES or not separator or (scheme == "kafka" and not rest):
        raise ImproperlyConfigured("EVENT_LOG should be postgres:// or kafka://host:9092,host:9092")
    if "password=" in url:
        raise ImproperlyConfigured(
            "EVENT_LOG holds a password, and addresses are shown in places: "
            "set KAFKA_SASL_PASSWORD or KAFKA_SSL_KEY_PASSWORD instead"
        )
    return url
