"""A session with an SFTP server: its key is compared before anything is said, and nothing waits for ever."""

import base64
import hashlib
import hmac
import io
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import paramiko

from ingestion.sources.contract import Settings, SourceError, SourceRefused, SourceUnavailable
from ingestion.sources.files.sftp import KEY, PASSWORD
from ingestion.sources.hosts import connected

CONNECT_S = 10
ANSWER_S = 30
KEEPALIVE_S = 10
_MOST_PORT = 65535
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._:-]{0,253})?")
_PEM = re.compile(r"(-----BEGIN [A-Z0-9 ]+-----)(.*?)(-----END [A-Z0-9 ]+-----)", re.DOTALL)
_KEYS: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


@contextmanager
def session(settings: Settings) -> Iterator[paramiko.SFTPClient]:
    """A session. What goes wrong leaves as a SourceError, without secrets."""
    with _told_in_words():
        transport = paramiko.Transport(_socket(settings))
        try:
            yield _logged_in(transport, settings)
        finally:
            transport.close()


def fingerprint_of(key: paramiko.PKey) -> str:
    """As `ssh-keygen -l` writes it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def _socket(settings: Settings) -> socket.socket:
    host, port = settings.get("host", ""), settings.get("port") or "22"
    if not _HOST.fullmatch(host):
        raise SourceRefused("Give the host by its name or address, such as sftp.example.com.")
    if not port.isdecimal() or not 0 < int(port) <= _MOST_PORT:
        raise SourceRefused(f"A port is a number up to {_MOST_PORT}.")
    opened = connected(host, int(port), CONNECT_S)
    opened.settimeout(ANSWER_S)
    return opened


def _logged_in(transport: paramiko.Transport, settings: Settings) -> paramiko.SFTPClient:
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = ANSWER_S
    transport.channel_timeout = ANSWER_S
    transport.start_client(timeout=ANSWER_S)
    _compare(transport.get_remote_server_key(), settings.get("fingerprint", ""))
    transport.set_keepalive(KEEPALIVE_S)
    if settings.get("auth", KEY if settings.get("private_key") else PASSWORD) == KEY:
        transport.auth_publickey(settings["user"], _key(settings))
    else:
        transport.auth_password(settings["user"], settings.get("password", ""))
    client = paramiko.SFTPClient.from_transport(transport)
    if client is None:
        raise SourceRefused("The server offers no SFTP to this user.")
    channel = client.get_channel()
    if channel is not None:
        channel.settimeout(ANSWER_S)
    return client


def _compare(shown: paramiko.PKey, expected: str) -> None:
    """Nobody but a person can say whether the first key is the right one."""
    found = fingerprint_of(shown)
    if not expected:
        raise SourceRefused(
            f"The server shows the key {found} ({shown.get_name()}). Ask its administrator whether that is its key; if it is, "
            "write it into “Host key”. Nothing was sent to the server yet."
        )
    if not hmac.compare_digest(found.encode(), expected.strip().rstrip("=").encode()):
        raise SourceRefused(
            f"The server shows another key than before: {found} ({shown.get_name()}). Somebody may stand in between, or the "
            "server was set up anew: ask its administrator. Nothing was sent to it."
        )


def _key(settings: Settings) -> paramiko.PKey:
    written, passphrase = _as_file(settings["private_key"]), settings.get("passphrase") or None
    for kind in _KEYS:
        try:
            return kind.from_private_key(io.StringIO(written), passphrase)
        except paramiko.PasswordRequiredException:
            raise SourceRefused("The private key is protected: give its passphrase.") from None
        except (paramiko.SSHException, ValueError, IndexError, UnicodeError):
            continue
    raise SourceRefused(
        "The private key cannot be read: paste the whole file (Ed25519, ECDSA or RSA, OpenSSH or PEM), and its passphrase if it has one."
    )


def _as_file(pasted: str) -> str:
    """A key whose lines may have been joined on the way."""
    found = _PEM.search(pasted)
    if found is None or "Proc-Type" in pasted:
        return pasted
    body = "".join(found.group(2).split())
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join([found.group(1), *lines, found.group(3), ""])


@contextmanager
def _told_in_words() -> Iterator[None]:
    try:
        yield
    except SourceError:
        raise
    except paramiko.AuthenticationException:
        raise SourceRefused(
            "The server refused the user, the password or the key: it may be wrong, have expired, or not be allowed."
        ) from None
    except PermissionError:
        raise SourceRefused(
            "The user may not look into this folder: ask for the permission to read it."
        ) from None
    except FileNotFoundError:
        raise SourceRefused("There is no such folder on the server, or this user cannot see it.") from None
    except ConnectionRefusedError:
        raise SourceUnavailable(
            "Nothing answers at this host and port: the server is down, or a firewall is in between."
        ) from None
    except TimeoutError:
        raise SourceUnavailable("The server did not answer in time.") from None
    except (paramiko.SSHException, EOFError, OSError) as error:
        said = " ".join(str(error).split())[:200]
        raise SourceUnavailable(
            f"The connection to the server broke off.{f' It said: {said}' if said else ''}"
        ) from None
