"""What went wrong with a broker, as a sentence that says what to do. Topics, which may name people, are not in it."""

import ssl

from ingestion.sources.contract import SourceError, SourceRefused, SourceUnavailable, StreamRefused

REFUSED = 0x80  # reason codes from here on are failures
_UNKNOWN_AUTHORITY = (18, 19, 20, 21)
_EXPIRED = 10
_CONNECTING: dict[int, tuple[type[SourceError], str]] = {
    0x81: (SourceUnavailable, "The broker could not understand the connection: is this its MQTT port?"),
    0x84: (SourceRefused, "The broker does not speak this version of MQTT: choose the other one."),
    0x85: (SourceRefused, "The broker does not take this client id: choose another one, of letters and digits."),
    0x86: (SourceRefused, "The broker refused the user name or the password: it may be wrong, or have expired."),
    0x87: (SourceRefused, "The broker does not let this user in: its administrator has to allow the user or the client id."),
    0x88: (SourceUnavailable, "The broker is not available just now."),
    0x89: (SourceUnavailable, "The broker is too busy just now."),
    0x8A: (SourceRefused, "The broker has banned this client: ask its administrator."),
    0x8B: (SourceUnavailable, "The broker is being shut down."),
    0x8C: (SourceRefused, "The broker wants another way of logging in than by user name and password."),
    0x8D: (SourceUnavailable, "The broker heard nothing of us for too long, and ended the connection."),
    0x8E: (SourceUnavailable, "Another client has connected with the same client id: give each client an id of its own."),
    0x97: (SourceUnavailable, "The broker's quota is used up."),
    0x98: (SourceUnavailable, "An administrator ended the connection."),
    0x9F: (SourceUnavailable, "The broker takes no more connections just now."),
}  # fmt: skip
_SUBSCRIBING = {
    0x80: "the broker refused it without a reason: this user may probably not read it",
    0x87: "this user may not read it; have the broker's administrator allow it",
    0x8F: "the broker does not take such a topic",
    0x97: "the broker's quota is used up",
    0x9E: "the broker knows no shared subscriptions",
    0xA2: "the broker knows no topics with + or #",
}


def refused_connection(code: int, said: str) -> SourceError:
    """Why the broker did not take the connection, or ended it."""
    kind, words = _CONNECTING.get(
        code, (SourceUnavailable, f"The broker ended the connection: {said[:100]}.")
    )
    return kind(words)


def refused_topic(topic: str, code: int) -> StreamRefused:
    """Why the broker did not take a subscription; the topic is as a person typed it."""
    why = _SUBSCRIBING.get(code, f"the broker refused it with code {code}")
    return StreamRefused(f"{topic} cannot be listened to: {why}.")


def unreachable(error: OSError, *, is_encrypted: bool) -> SourceError:
    """Why there is no connection at all."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _UNKNOWN_AUTHORITY:
            why = "no authority that is known here vouches for it. Paste the certificate of yours"
        elif error.verify_code == _EXPIRED:
            why = "it has expired"
        else:
            why = error.verify_message.rstrip(".")
        return SourceRefused(f"The broker's certificate was not accepted: {why}.")
    if isinstance(error, ssl.SSLError):
        return SourceRefused("The encrypted connection could not be made: is this the broker's port for TLS?")
    if isinstance(error, ConnectionRefusedError):
        return SourceUnavailable(
            "Nothing answers at this host and port: the broker is down, or a firewall is in between."
        )
    if isinstance(error, TimeoutError):
        return SourceUnavailable(
            "The broker did not answer in time: it is down, or a firewall is in between."
        )
    if is_encrypted:
        return SourceUnavailable(
            "The encrypted connection was broken off: is this the broker's port for TLS?"
        )
    return broke_off()


def broke_off() -> SourceUnavailable:
    """Nobody said why."""
    return SourceUnavailable(
        "The connection to the broker broke off. If that happens again and again, another client has the same client id: "
        "each needs one of its own."
    )
