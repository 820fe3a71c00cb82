"""E-mail addresses in one form."""

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from compliance.identifiers.text import clean

_PLAIN = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}"
)
_QUOTES = "\"'\u00ab\u00bb\u2018\u2019\u201c\u201d\u201e"

# Providers that deliver `name+anything@` to `name@`; each with the domain that stands for all of its own.
_TAGGING = {
    "gmail.com": "gmail.com",
    "googlemail.com": "gmail.com",
    **{
        domain: domain
        for domain in (
            "outlook.com", "hotmail.com", "live.com", "msn.com", "fastmail.com", "fastmail.fm", "icloud.com",
            "proton.me", "protonmail.com", "pm.me",
        )
    },
}  # fmt: skip
_IGNORES_DOTS = "gmail.com"


def email(value: str) -> str | None:
    """The address in lower case, an international domain in its ASCII form; dots and tags stay."""
    text = value.strip().lower()
    return text if _PLAIN.fullmatch(text) else _unusual(text)


def mailbox(value: str) -> str | None:
    """The mailbox that the address is delivered to, where the provider's rules are known."""
    address = email(value)
    if address is None:
        return None
    local, _, domain = address.rpartition("@")
    provider = _TAGGING.get(domain)
    if provider is None:
        return address
    name = local.partition("+")[0]
    if provider == _IGNORES_DOTS:
        name = name.replace(".", "")
    return f"{name or local}@{provider}"


@lru_cache(maxsize=4096)
def _unusual(text: str) -> str | None:
    """Addresses in quotes, with characters nobody sees, international and rare ones."""
    text = clean(text).lower().removeprefix("mailto:")
    while len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES:
        text = text[1:-1].strip()
    if _PLAIN.fullmatch(text):
        return text
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    if "." not in found.ascii_domain:
        return None
    return f"{found.local_part.lower()}@{found.ascii_domain.lower()}"
