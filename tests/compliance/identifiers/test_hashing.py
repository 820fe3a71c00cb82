import subprocess
import sys
import uuid
from hashlib import blake2b
from pathlib import Path

from compliance.identifiers import key_fingerprint, keyed_hash, keyed_hashes, pseudonym

ROOT = Path(__file__).resolve().parents[3]


def test_a_hash_tells_neither_the_value_nor_the_namespace():
    assert len(keyed_hash("email", "jane@example.com")) == 16
    assert keyed_hash("email", "jane@example.com") == keyed_hash("email", "jane@example.com")
    assert keyed_hash("user_id", "jane@example.com") != keyed_hash("email", "jane@example.com")
    assert keyed_hash("a", "b\0c") != keyed_hash("ab", "c")
    assert keyed_hash("user_id", "\ud800")


def test_many_values_have_the_hashes_that_each_has():
    values = ["jane@example.com", "", "\ud800", "jane@example.com"]
    assert list(keyed_hashes("email", values)) == [keyed_hash("email", each) for each in values]


def test_another_key_gives_other_hashes(settings):
    before = keyed_hash("email", "jane@example.com"), pseudonym("p"), key_fingerprint()
    settings.IDENTIFIER_KEY = "another secret of the installation"
    after = keyed_hash("email", "jane@example.com"), pseudonym("p"), key_fingerprint()
    assert not set(before) & set(after)


def test_a_pseudonym_is_no_hash_of_an_identifier_and_ignores_how_an_id_is_written():
    person = uuid.uuid4()
    assert pseudonym(person) == pseudonym(str(person).upper())
    assert pseudonym("x").bytes != keyed_hash("", "x")


def test_every_process_has_the_same_key(settings):
    code = "import django; django.setup(); from compliance.identifiers import keyed_hash; print(keyed_hash('email', 'a@b.example').hex())"
    environment = {
        "DJANGO_SETTINGS_MODULE": "cdp_site.settings",
        "HEADWATER_HOME": str(settings.HEADWATER_HOME),
        "PATH": "",
    }
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.stdout.strip() == keyed_hash("email", "a@b.example").hex()
    kept = Path(settings.HEADWATER_HOME) / "keys" / "identifiers"
    assert kept.stat().st_mode & 0o077 == 0


def test_stored_hashes_stay_what_they_were(settings):
    settings.IDENTIFIER_KEY = "a secret"
    for namespace, value in (
        ("email", "jane@example.com"),
        ("email", "Jos\u00e9"),
        ("user_id", "\ud800"),
        ("email", "jane@example.com"),
    ):
        key = blake2b(b"a secret", person=b"hw identifiers", digest_size=32).digest()
        text = f"{namespace}\0{value}".encode("utf-8", "surrogatepass")
        assert keyed_hash(namespace, value) == blake2b(text, key=key, digest_size=16).digest()
