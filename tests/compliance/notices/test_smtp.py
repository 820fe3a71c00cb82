"""One e-mail to a real server: how it gets there, and what is said when it does not."""

import base64
import contextlib
import socket
import time
from email.message import EmailMessage

import pytest

from compliance.notices import smtp
from tests.smtp_sink import Sink, serving, unused_port


def message(text="It was so.\n.\n..and so on\nGrüße"):
    made = EmailMessage(policy=smtp.WIRE)
    made["From"], made["To"], made["Subject"] = (
        "Headwater <headwater@example.com>",
        "ada@example.com",
        "Überlast",
    )
    made.set_content(text)
    return made


def send(**options):
    smtp.send(message(**options), handing_over=lambda: None)


def test_a_message_arrives_as_it_was(sink):
    send()
    ((recipient, raw),) = sink.got
    (got,) = sink.messages
    assert recipient == "ada@example.com"
    assert got["Subject"] == "Überlast"
    assert got.get_content() == "It was so.\n.\n..and so on\nGrüße\n"
    assert raw.isascii()


@pytest.mark.parametrize("starttls", [True, False])
def test_tls_with_a_login(use, certificate, starttls):
    login = base64.b64encode(b"\0ada\0harbour").decode()
    with serving(Sink(certificate=certificate, is_tls=not starttls, login=login)) as server:
        use(
            server.port,
            tls=not starttls,
            starttls=starttls,
            ca_file=certificate,
            user="ada",
            password="harbour",
        )
        send()
        assert len(server.got) == 1
        use(
            server.port,
            tls=not starttls,
            starttls=starttls,
            ca_file=certificate,
            user="ada",
            password="wrong",
        )
        with pytest.raises(smtp.MailTrouble, match="does not accept the login: see SMTP_USER") as refused:
            send()
    assert "wrong" not in str(refused.value)


@pytest.mark.parametrize("starttls", [True, False])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(use, certificate, starttls):
    with serving(Sink(certificate=certificate, is_tls=not starttls)) as server:
        use(server.port, tls=not starttls, starttls=starttls)
        with pytest.raises(smtp.MailTrouble, match=r"is not trusted .*SMTP_CA_FILE"):
            send()
        assert server.got == []


def test_a_server_without_starttls_gets_nothing(use):
    with serving(Sink()) as server:
        use(server.port, starttls=True)
        with pytest.raises(smtp.MailTrouble, match="offers no STARTTLS"):
            send()
        assert "MAIL" not in server.commands


def test_nobody_listens(use):
    use(unused_port())
    with pytest.raises(smtp.MailTrouble, match="nothing listens at localhost:"):
        send()


def test_no_such_host(use):
    use(25, host="mail.invalid")
    with pytest.raises(smtp.MailTrouble, match=r"there is no host mail\.invalid"):
        send()


@pytest.mark.parametrize(
    ("verb", "answer", "said", "final"),
    [
        ("RCPT", "550 nobody here", "does not take e-mails for this address: 550 nobody here", True),
        ("RCPT", "450 later", "450 later", False),
        ("MAIL", "553 who are you", "does not take e-mails from headwater@example.com", True),
        ("DATA", "451 disk", "takes no text", False),
        ("TEXT", "554 spam", "refused the text: 554 spam", True),
        ("GREETING", "554 go away", "cannot be used", False),
    ],
)
def test_a_refusal_is_told(sink, verb, answer, said, final):
    sink.answers[verb] = answer
    with pytest.raises(smtp.MailTrouble, match=said) as refused:
        send()
    assert refused.value.is_final is final


@pytest.mark.parametrize("verb", ["GREETING", "EHLO", "RCPT"])
def test_a_server_that_says_nothing_is_left(sink, use, verb):
    use(sink.port, timeout=0.2)
    sink.answers[verb] = ""
    with pytest.raises(
        smtp.MailTrouble, match=r"did not answer within|ended the connection or took too long"
    ):
        send()


@pytest.mark.parametrize("verb", ["GREETING", "EHLO", "MAIL"])
def test_a_server_that_never_ends_its_sentence_is_left(sink, monkeypatch, verb):
    monkeypatch.setattr(smtp, "LONGEST_S", 0.4)
    sink.answers[verb] = "drip"
    begun = time.monotonic()
    with pytest.raises(smtp.MailTrouble, match="took too long"):
        send()
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("starttls", [True, False])
@pytest.mark.parametrize("answer", ["drip", ""])
def test_a_server_that_never_agrees_on_tls_is_left(use, certificate, monkeypatch, starttls, answer):
    monkeypatch.setattr(smtp, "LONGEST_S", 0.4)
    with serving(Sink({"HANDSHAKE": answer}, certificate=certificate, is_tls=not starttls)) as server:
        use(server.port, tls=not starttls, starttls=starttls, ca_file=certificate)
        begun = time.monotonic()
        with pytest.raises(smtp.MailTrouble, match="took too long"):
            send()
        assert time.monotonic() - begun < 10
        assert server.got == []


def test_a_host_that_takes_no_connection_is_left_in_time(use, monkeypatch):
    monkeypatch.setattr(smtp, "LONGEST_S", 0.4)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        with contextlib.ExitStack() as waiting:
            for _ in range(3):  # its queue is full then: nobody else is let in, and nobody is told
                each = waiting.enter_context(socket.socket())
                each.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    each.connect(("127.0.0.1", port))
            use(port, host="127.0.0.1")
            begun = time.monotonic()
            with pytest.raises(smtp.MailTrouble, match="took too long"):
                send()
            assert time.monotonic() - begun < 10


def test_silence_over_the_text_is_no_refusal(sink, use):
    use(sink.port, timeout=0.2)
    sink.answers["TEXT"] = ""
    with pytest.raises(smtp.MailUnconfirmed, match="fell silent"):
        send()


def test_nothing_is_sent_when_it_is_no_longer_ours(sink):
    def taken():
        raise smtp.NoLongerOurs

    with pytest.raises(smtp.NoLongerOurs):
        smtp.send(message(), handing_over=taken)
    assert [text for _, text in sink.got if text] == []
