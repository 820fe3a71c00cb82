import pytest

from compliance.identifiers import normalise


@pytest.mark.parametrize(
    ("value", "normal"),
    [
        ("  Jane.Doe+News@Example.COM ", "jane.doe+news@example.com"),
        ("jane@shop.test", "jane@shop.test"),
        ("JÖRG@Bücher.example", "jörg@xn--bcher-kva.example"),
        ("jörg@bücher.example", "jörg@xn--bcher-kva.example"),
        ("jane@xn--bcher-kva.example", "jane@xn--bcher-kva.example"),
        ("jane\u200b@example.com", "jane@example.com"),
        ('"jane@example.com"', "jane@example.com"),
        ("\u201cJane@example.com\u201d ", "jane@example.com"),
        ("mailto:jane@example.com", "jane@example.com"),
        ("o'neill@example.com", "o'neill@example.com"),
        ("jane@localhost", None),
        ("jane..doe@example.com", None),
        ("jane doe@example.com", None),
        ("Jane <jane@example.com>", None),
        ("example.com", None),
        ("@example.com", None),
        ('""', None),
        ("", None),
        ("x" * 300 + "@" + "y" * 300 + ".com", None),
    ],
    ids=ascii,
)
def test_email(value, normal):
    assert normalise("email", value) == normal


@pytest.mark.parametrize(
    ("value", "mailbox"),
    [
        ("J.Doe+shop@GMail.com", "jdoe@gmail.com"),
        ("j.doe@googlemail.com", "jdoe@gmail.com"),
        ("j.doe+shop@outlook.com", "j.doe@outlook.com"),
        ("jane+x@example.com", "jane+x@example.com"),
        ("j.doe@example.com", "j.doe@example.com"),
        ("+@gmail.com", "+@gmail.com"),
        ("nobody", None),
    ],
)
def test_by_the_rules_of_providers(value, mailbox):
    assert normalise("email:providers", value) == mailbox
