"""What the doctor finds, and that each finding says what to do."""

import psycopg
import pytest

from cdp_site.doctor.database import check_database
from cdp_site.doctor.finding import Verdict
from cdp_site.doctor.log import check_log
from cdp_site.doctor.machine import check_disk, check_home, check_secrets
from streaming.contracts.log import LogUnavailable
from streaming.memory.log import MemoryLog

BAD = (Verdict.WRONG, Verdict.WARNING)


def verdicts(findings) -> dict[str, Verdict]:
    return {finding.subject: finding.verdict for finding in findings}


def test_a_sound_database(fresh_database):
    found = list(check_database(fresh_database.conninfo))
    assert {finding.verdict for finding in found} == {Verdict.GOOD}
    assert {finding.subject for finding in found} == {"database", "clock", "migrations"}


def test_a_database_that_is_away():
    (finding,) = check_database("host=127.0.0.1 port=1 user=me password=hidden7 dbname=x")
    assert finding.verdict is Verdict.WRONG
    assert "DATABASE_URL" in finding.remedy
    assert "hidden7" not in finding.text


def test_a_database_without_our_tables(fresh_database):
    with fresh_database.connect() as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'profiles'")
    found = {finding.subject: finding for finding in check_database(fresh_database.conninfo)}
    assert found["migrations"].verdict is Verdict.WRONG
    assert "manage.py migrate" in found["migrations"].remedy


def test_a_pooler_that_shares_sessions(fresh_database, monkeypatch):
    with fresh_database.connect(autocommit=True) as only:

        class Shared:
            """What such a pooler gives: whoever connects gets the same session."""

            def __enter__(self):
                return only

            def __exit__(self, *_):
                pass

        with monkeypatch.context() as patched:
            patched.setattr(psycopg, "connect", lambda *_args, **_options: Shared())
            patched.setattr("cdp_site.doctor.database.pending_migrations", list)
            found = list(check_database(fresh_database.conninfo))
    assert any("pooler" in finding.text and "session mode" in finding.remedy for finding in found)


def test_a_home_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    assert check_home(tmp_path / "file").verdict is Verdict.WRONG
    assert check_home(tmp_path / "new").verdict is Verdict.GOOD


@pytest.mark.parametrize(("limit", "verdict"), [(1, Verdict.GOOD), (10**18, Verdict.WARNING)])
def test_room_for_the_spool(tmp_path, limit, verdict):
    assert check_disk(tmp_path, limit).verdict is verdict


def test_secrets_that_others_can_read(tmp_path):
    secret = tmp_path / "secret_key"
    secret.touch(mode=0o600)
    assert verdicts(check_secrets(tmp_path, "s" * 50)) == {"secret": Verdict.GOOD}
    secret.chmod(0o644)
    (finding,) = check_secrets(tmp_path, "s" * 50)
    assert finding.remedy == f"chmod 600 {secret}"
    assert len(check_secrets(tmp_path, "short")) == 2


def test_a_log_that_is_away_or_new():
    def away():
        raise LogUnavailable("no broker answers")

    assert check_log(away, "kafka://x:1").verdict is Verdict.WRONG
    new = check_log(MemoryLog, "memory://")
    assert new.verdict in BAD
    assert new.remedy
