"""`manage.py serve`, and what commands do with the embedded server."""

import signal

import pytest

from cdp_site.command_line import needs_database
from cdp_site.postgres.server import EmbeddedPostgres
from tests.waiting import eventually

pytestmark = pytest.mark.fault


def test_it_works_on_a_new_home_and_stops_what_it_started(new_home, run):
    server = run("serve", home=new_home)
    eventually(server.answers, seconds=90)
    assert server.get("/admin/login/").status == 200
    assert EmbeddedPostgres(new_home).is_running()
    assert server.stop(signal.SIGTERM) == 0
    assert not EmbeddedPostgres(new_home).is_running()


def test_a_given_database_must_be_migrated(fresh_database, new_home, run):
    with fresh_database.connect() as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'profiles'")
    server = run("serve", home=new_home, DATABASE_URL=fresh_database.url)
    assert server.process.wait(60) != 0
    assert "run `manage.py migrate` first" in server.text


def test_it_starts_without_its_database_because_that_may_come_back(new_home, run):
    server = run("serve", home=new_home, DATABASE_URL="postgres://me@127.0.0.1:1/none")
    eventually(lambda: server.answers("/health/live"), seconds=60)
    assert server.get("/health/ready").status == 503


def test_a_wrong_setting_is_said_in_one_line(new_home, run):
    server = run("serve", home=new_home, EVENT_LOG="carrier-pigeon://")
    assert server.process.wait(60) != 0
    assert server.text.startswith("headwater: EVENT_LOG should be")
    assert server.text.count("\n") == 1


def test_without_programs_of_postgresql_it_says_what_to_do(new_home, run):
    server = run("serve", home=new_home, POSTGRES_BINARIES="/nowhere")
    assert server.process.wait(60) != 0
    assert "/nowhere/postgres cannot be run" in server.text


@pytest.mark.parametrize(
    ("arguments", "needs"),
    [
        (["manage.py", "migrate"], True),
        (["manage.py", "serve"], True),
        (["manage.py", "dead_letters", "list"], True),
        (["manage.py", "migrate", "--help"], False),
        (["manage.py", "help"], False),
        (["manage.py", "--version"], False),
        (["manage.py", "check"], False),
        (["manage.py"], False),
    ],
)
def test_which_commands_start_the_server(arguments, needs):
    assert needs_database(arguments) is needs


def test_a_command_without_a_server_starts_one_for_itself(new_home, run):
    command = run("migrate", "-v0", home=new_home)
    assert command.process.wait(120) == 0, command.text
    assert not EmbeddedPostgres(new_home).is_running()
    assert (EmbeddedPostgres(new_home).data / "PG_VERSION").exists()
