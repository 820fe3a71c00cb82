"""One e-mail over SMTP, in steps that say whether the server has it: docs/adr/0098."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from socket import gaierror

from django.conf import settings

from compliance.notices.smtp_watch import Session, TlsSession, Watch
from streaming.runtime.failpoints import reach

WIRE = SMTP.clone(cte_type="7bit")  # what every server takes
LONGEST_S = 60.0  # a whole session from connecting on, however slowly the server answers
_TOO_LONG = smtplib.SMTPServerDisconnected("the session took too long")
_OK, _GO_AHEAD, _TEMPORARY = 250, 354, range(400, 500)


class MailTrouble(Exception):
    """The e-mail did not go out; the message is a sentence. `is_final` when trying again would change nothing."""

    def __init__(self, sentence: str, *, is_final: bool = False) -> None:
        super().__init__(sentence)
        self.is_final = is_final


class MailUnconfirmed(MailTrouble):
    """The e-mail was handed over, and the server's answer never came: it may or may not arrive."""


class NoLongerOurs(Exception):
    """Raised by `handing_over` when another worker has the e-mail: nothing is sent."""


def is_set_up() -> bool:
    """Whether there is a mail server."""
    return bool(settings.EMAIL_HOST)


def send(message: EmailMessage, *, handing_over: Callable[[], None]) -> None:
    """Bring it to the server. `handing_over` is called when all is agreed and before the first byte of the text.

    What it raises ends the session with nothing sent. Blocks for LONGEST_S at most. Raises MailTrouble.
    """
    sender, recipient = (parseaddr(str(message[name]))[1] for name in ("From", "To"))
    with _session() as session:
        _agreed(session.mail(sender), f"the server does not take e-mails from {sender}")
        _agreed(session.rcpt(recipient), "the server does not take e-mails for this address")
        _agreed(session.docmd("data"), "the server takes no text", right=_GO_AHEAD)
        handing_over()
        reach("mail.before_text")
        try:
            session.send(_dotted(message.as_bytes()))
            answer = session.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnconfirmed(f"the server fell silent over it: {_explained(error)}") from error
        reach("mail.after_text")
        _agreed(answer, "the server refused the text")


def sign_in_once() -> None:
    """See whether the server lets us in; nothing is sent. Raises MailTrouble."""
    with _session():
        pass


def _dotted(text: bytes) -> bytes:
    """As a server reads it to its end: a line with a dot alone (RFC 5321, 4.5.2)."""
    return text.replace(b"\r\n.", b"\r\n..").rstrip(b"\r\n") + b"\r\n.\r\n"


def _agreed(answer: tuple[int, bytes], trouble: str, *, right: int = _OK) -> None:
    code, text = answer
    if code not in (right, 251):
        said = text.decode("ascii", "replace").split("\n")[0][:120]
        raise MailTrouble(f"{trouble}: {code} {said}", is_final=code not in _TEMPORARY)


@contextmanager
def _session() -> Iterator[smtplib.SMTP]:
    """A session that is signed in, ended however it goes. Raises MailTrouble."""
    with Watch(LONGEST_S) as watch:
        try:
            with closing(_opened(watch)) as session:
                _sign_in(session)
                yield session
                with suppress(OSError, smtplib.SMTPException):
                    session.quit()
        except (OSError, smtplib.SMTPException) as error:
            raise MailTrouble(_explained(_TOO_LONG if watch.is_over else error)) from error


def _opened(watch: Watch) -> smtplib.SMTP:
    host, port, timeout = settings.EMAIL_HOST, settings.EMAIL_PORT, float(settings.EMAIL_TIMEOUT or LONGEST_S)
    if settings.EMAIL_USE_SSL:
        return TlsSession(watch, host, port, timeout=timeout, context=_trust())
    return Session(watch, host, port, timeout=timeout)


def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.EMAIL_CA_FILE or None)


def _sign_in(session: smtplib.SMTP) -> None:
    session.ehlo_or_helo_if_needed()
    if settings.EMAIL_USE_TLS:
        session.starttls(context=_trust())
        session.ehlo()
    if settings.EMAIL_HOST_USER:
        session.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)


def _explained(error: Exception) -> str:
    """What is wrong as a sentence that says what to set."""
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    for kind, sentence in _SENTENCES.items():
        if isinstance(error, kind):
            reason = getattr(error, "verify_message", "")
            return sentence.format(
                place=place, host=settings.EMAIL_HOST, seconds=settings.EMAIL_TIMEOUT, reason=reason
            )
    return f"{place} cannot be used: {type(error).__name__}"


# The first kind that an error is decides.
_SENTENCES: dict[type[Exception], str] = {
    gaierror: "there is no host {host}: see SMTP_HOST",
    TimeoutError: "{place} did not answer within {seconds} s: see SMTP_HOST, SMTP_PORT and firewalls",
    ConnectionRefusedError: "nothing listens at {place}: see SMTP_HOST and SMTP_PORT",
    ssl.SSLCertVerificationError: "the certificate of {place} is not trusted ({reason}): see SMTP_HOST and SMTP_CA_FILE",
    ssl.SSLError: "{place} does not speak TLS as asked: see SMTP_SECURITY and SMTP_PORT",
    smtplib.SMTPAuthenticationError: "{place} does not accept the login: see SMTP_USER and SMTP_PASSWORD",
    smtplib.SMTPNotSupportedError: "{place} offers no STARTTLS, or no login: see SMTP_SECURITY",
    smtplib.SMTPServerDisconnected: "{place} ended the connection or took too long: see SMTP_SECURITY and SMTP_PORT",
}
