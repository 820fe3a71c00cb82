"""Secrets at rest."""

import pytest

from compliance.secrets import SecretsUnreadable, resealed, seal, unseal

OLD, NEW = "o" * 40, "n" * 40
LOGIN = {"password": "päss: word"}


@pytest.fixture(autouse=True)
def keys(settings):
    settings.SECRETS_KEYS = [OLD]


def test_what_is_sealed_tells_nothing_and_comes_back():
    sealed = seal(LOGIN)
    assert "word" not in sealed
    assert sealed != seal(LOGIN), "the same secret twice does not look the same"
    assert unseal(sealed) == LOGIN
    assert (seal({}), unseal("")) == ("", {})


def test_a_key_is_changed_while_both_are_known(settings):
    sealed = seal(LOGIN)
    settings.SECRETS_KEYS = [NEW, OLD]
    assert unseal(sealed) == LOGIN
    renewed = resealed(sealed)
    settings.SECRETS_KEYS = [NEW]
    assert unseal(renewed) == LOGIN
    with pytest.raises(SecretsUnreadable, match="bring back SECRETS_KEY"):
        unseal(sealed)


@pytest.mark.parametrize(
    "change",
    [lambda sealed: sealed[:-4], lambda sealed: "x" + sealed, lambda _: "{}"],
    ids=["cut", "longer", "other"],
)
def test_what_was_changed_is_refused(change):
    with pytest.raises(SecretsUnreadable) as refused:
        unseal(change(seal(LOGIN)))
    assert "word" not in str(refused.value)
