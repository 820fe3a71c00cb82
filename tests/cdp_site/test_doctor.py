"""What the doctor finds, and that each finding says what to do."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.core.management import call_command

from cdp_site.directory import directory_settings
from cdp_site.doctor.clock import check_time_sync, is_synchronised
from cdp_site.doctor.configuration import check_settings
from cdp_site.doctor.database import check_database
from cdp_site.doctor.finding import Verdict, good, warning, wrong
from cdp_site.doctor.log import check_log
from cdp_site.doctor.machine import check_disk, check_home, check_owner, check_secrets, check_watched
from cdp_site.doctor.neighbours import check_neighbours
from cdp_site.doctor.processes import check_processes
from compliance.domain.directory.configuration import Kind
from compliance.models import DirectorySync
from streaming.contracts.log import LogUnavailable
from streaming.memory.log import MemoryLog
from tests.compliance.notices.conftest import make_staff
from tests.permissions import permissions_hold
from tests.smtp_sink import Sink, serving, unused_port

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
            patched.setattr("cdp_site.doctor.database._migrations", lambda: good("migrations", "all"))
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


def test_a_database_that_a_newer_version_migrated(fresh_database):
    with fresh_database.connect() as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('compliance', '9999_later', now())"
        )
    found = {finding.subject: finding for finding in check_database(fresh_database.conninfo)}
    assert found["migrations"].verdict is Verdict.WARNING
    assert "compliance.9999_later" in found["migrations"].text
    assert "docs/guides/upgrade.md" in found["migrations"].remedy


def test_a_home_of_another_account_or_that_others_can_write(tmp_path, monkeypatch):
    assert check_owner(tmp_path).verdict is Verdict.GOOD
    tmp_path.chmod(0o777)
    assert check_owner(tmp_path).remedy == f"chmod go-w {tmp_path}"
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    assert "belongs to another account" in check_owner(tmp_path).text


def test_keys_that_others_can_read(tmp_path):
    key = tmp_path / "keys" / "connections"
    key.parent.mkdir()
    key.touch(mode=0o640)
    (finding,) = check_secrets(tmp_path, "s" * 50)
    assert finding.remedy == f"chmod 600 {key}"


def test_a_watched_folder_that_is_missing_or_shut(tmp_path):
    [missing] = check_watched([str(tmp_path / "incoming")])
    assert (missing.verdict, missing.subject) == (Verdict.WRONG, "watched")
    assert f"{tmp_path}/incoming" in missing.remedy
    (tmp_path / "incoming").mkdir()
    [found] = check_watched([str(tmp_path / "incoming")])
    assert (found.verdict, "read and written" in found.text) == (Verdict.GOOD, True)
    with permissions_hold():
        for mode, verdict, said in (
            (0o500, Verdict.GOOD, "not be moved"),
            (0, Verdict.WRONG, "may not read"),
        ):
            (tmp_path / "incoming").chmod(mode)
            [found] = check_watched([str(tmp_path / "incoming")])
            assert found.verdict is verdict
            assert said in found.text
    assert list(check_watched([])) == []


@pytest.mark.parametrize(
    ("said", "verdict"), [(True, Verdict.GOOD), (False, Verdict.WARNING), (None, Verdict.WARNING)]
)
def test_a_clock_that_nothing_keeps_right(said, verdict):
    assert check_time_sync(said).verdict is verdict


def test_the_kernel_is_asked():
    assert is_synchronised() in (True, False, None)


def test_settings_that_are_unwise(settings):
    settings.PUBLIC_URL, settings.DEBUG, settings.ALLOWED_HOSTS = "http://cdp.example.com", True, ["*"]
    assert [finding.verdict for finding in check_settings()] == [Verdict.WARNING] * 3
    settings.PUBLIC_URL, settings.DEBUG, settings.ALLOWED_HOSTS = (
        "https://cdp.example.com",
        False,
        ["cdp.example.com"],
    )
    assert verdicts(check_settings()) == {"settings": Verdict.GOOD}


def test_a_new_installation_lacks_an_administrator_and_processes(fresh_database):
    found = verdicts(check_processes(datetime.now(UTC)))
    assert found == dict.fromkeys(("users", "scheduler", "jobs", "consumers"), Verdict.WARNING)
    make_staff("ada", "administrator")
    assert verdicts(check_processes(datetime.now(UTC)))["users"] is Verdict.GOOD


def test_processes_that_ran_and_stand(fresh_database):
    with fresh_database.connect() as connection:
        connection.execute("INSERT INTO scheduler_run (job, number, term, due_at) VALUES ('x', 1, 1, now())")
        connection.execute(
            "INSERT INTO consumer_worker (id, consumer, host, pid, keeper_pid, keeper_start, state, heartbeat_at)"
            " VALUES (gen_random_uuid(), 'profiles', 'h', 1, 1, now(), 'running', now() - interval '1 hour')"
        )
        for queue in ("celery", "sources"):
            connection.execute("SELECT pgmq.create(%s)", [f"headwater_{queue}"])
            connection.execute("SELECT pgmq.send(%s, '{}')", [f"headwater_{queue}"])
            connection.execute(
                f"UPDATE pgmq.q_headwater_{queue} SET enqueued_at = now() - interval '1 hour', vt = now()"
            )
    found = list(check_processes(datetime.now(UTC)))
    wrong = {finding.subject: finding for finding in found if finding.verdict is Verdict.WRONG}
    assert {"scheduler", "jobs", "sources", "consumers"} <= wrong.keys()
    assert "--queues=sources" in wrong["sources"].remedy
    assert "celery -A cdp_site worker" in wrong["jobs"].remedy
    assert any("run_consumers profiles" in finding.remedy for finding in found)


def test_a_mail_server_that_is_away_or_there(settings):
    assert list(check_neighbours()) == []
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "localhost", unused_port(), 2
    (finding,) = check_neighbours()
    assert finding.verdict is Verdict.WRONG
    assert "nothing listens" in finding.text
    with serving(Sink()) as sink:
        settings.EMAIL_PORT = sink.port
        assert verdicts(check_neighbours()) == {"e-mail": Verdict.GOOD}
        assert "MAIL" not in sink.commands


def use_directory(settings, directory):
    for name, value in directory_settings(directory).items():
        setattr(settings, name, value)


@pytest.mark.django_db
def test_a_directory_that_is_there(settings, directory, person):
    person()
    use_directory(settings, directory)
    (finding,) = check_neighbours()
    assert (finding.subject, finding.verdict) == ("directory", Verdict.GOOD), finding


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "verdict", "says"),
    [
        ({"bind_password": "hidden7"}, Verdict.WRONG, "service account: Its password is refused"),
        ({"urls": ("ldap://127.0.0.1:1",)}, Verdict.WRONG, "nothing listens there"),
        ({"urls": ("ldap://no-such-host.invalid",)}, Verdict.WRONG, "has no address"),
        ({"start_tls": False}, Verdict.WARNING, "in the clear"),
        ({"ca_file": ""}, Verdict.WRONG, "certificate is not trusted"),
        ({"group_base": "ou=nowhere,dc=harbour,dc=test"}, Verdict.WRONG, "There is no ou=nowhere"),
        ({"roles": {}, "roles_by_name": False}, Verdict.WARNING, "no group has a role"),
        ({"kind": Kind.ACTIVE_DIRECTORY}, Verdict.WARNING, "LDAP_KIND is active_directory"),
    ],
)
def test_what_is_wrong_with_a_directory_is_said(settings, directory, change, verdict, says):
    use_directory(settings, replace(directory, **change))
    found = list(check_neighbours())
    assert [each for each in found if each.verdict is verdict and says in each.text and each.remedy], found
    assert "hidden7" not in str(found)


@pytest.mark.django_db
def test_one_server_of_several_that_is_away_is_a_warning(settings, directory, person):
    person()
    use_directory(settings, replace(directory, urls=("ldap://127.0.0.1:1", *directory.urls)))
    (finding,) = check_neighbours()
    assert finding.verdict is Verdict.WARNING


@pytest.mark.django_db
def test_a_directory_that_is_not_followed_is_said(settings, directory, person):
    person()
    use_directory(settings, directory)
    long_ago = datetime.now(UTC) - timedelta(hours=2)
    DirectorySync.objects.create(succeeded_at=long_ago, ran_at=long_ago)
    (finding,) = check_neighbours()
    assert (finding.verdict, "followed last" in finding.text) == (Verdict.WRONG, True)


def test_the_answer_for_programs_and_the_exit_codes(fresh_database, capsys, monkeypatch):
    command = "cdp_site.management.commands.doctor.examine"
    monkeypatch.setattr(command, lambda now: [warning("disk", "1 GiB is free", "Free some.")])
    call_command("doctor", "--json")
    (told,) = json.loads(capsys.readouterr().out)["findings"]
    assert told == {"subject": "disk", "verdict": "warning", "text": "1 GiB is free", "remedy": "Free some."}
    with pytest.raises(SystemExit, match="2"):
        call_command("doctor", "--strict")
    monkeypatch.setattr(command, lambda now: [wrong("disk", "full", "Free some.")])
    with pytest.raises(SystemExit, match="1"):
        call_command("doctor")
    assert "Free some." in capsys.readouterr().out
