"""Reasons as people read them."""

import pytest

from compliance.wording import sentence


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("there is no such role", "There is no such role."),
        ("There is no such role.", "There is no such role."),
        (ValueError("e-mail is off: turn it on"), "E-mail is off: turn it on."),
        ("is the MQTT broker up?", "Is the MQTT broker up?"),
        ("x", "X."),
        ("", ""),
        (" ", ""),
    ],
)
def test_a_reason_reads_as_one_sentence(reason, said):
    assert sentence(reason) == said
