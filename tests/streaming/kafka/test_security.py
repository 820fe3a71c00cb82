"""A real broker behind TLS, logins and rights: coming in end to end, and one clear line where we do not."""

import os
import socket
import subprocess
import sys
import time
import uuid

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)
from environs import Env

from cdp_site.kafka_access import read_kafka_access
from streaming.contracts.cluster import Ailment
from streaming.contracts.log import LogDenied, LogUnavailable
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.kafka.log import KafkaLog
from tests.conftest import ROOT
from tests.kafka_fixtures import GuardedKafka
from tests.kafka_guard import GUEST, HOST, PASSWORD
from tests.waiting import eventually

pytestmark = pytest.mark.kafka
WITHOUT_TLS = {"KAFKA_SSL_CA_LOCATION": ""}
WITHOUT_LOGIN = {"KAFKA_SASL_MECHANISM": "", "KAFKA_SASL_USERNAME": "", "KAFKA_SASL_PASSWORD": ""}
STRANGER = "headwater.installation.somebody-else"
SECONDS = 45  # on a busy machine; a few on any other


@pytest.fixture
def let_in(guarded_kafka: GuardedKafka, monkeypatch):
    """Open the guarded log with the environment of an operator, changed in some variables."""
    opened = []

    def open_log(address: str = guarded_kafka.cluster.guarded_url, **changed: str) -> KafkaLog:
        with monkeypatch.context() as patched:
            for name, value in guarded_kafka.guard.environment(**changed).items():
                patched.setenv(name, value)
            opened.append(KafkaLog.of_url(address, read_kafka_access(Env()).client_settings))
        return opened[-1]

    yield open_log
    for log in opened:
        log.close()


@pytest.fixture
def grant(guarded_kafka: GuardedKafka):
    """Give GUEST rights on a topic, as an administrator does; taken away again."""
    admin = AdminClient({"bootstrap.servers": guarded_kafka.cluster.bootstrap_servers})

    def grant(topic: str, *operations: AclOperation) -> None:
        rights = [
            AclBinding(
                ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, f"User:{GUEST}", "*", each,
                AclPermissionType.ALLOW,
            )
            for each in operations
        ]  # fmt: skip
        for future in admin.create_acls(rights, request_timeout=30).values():
            future.result(30)

    yield grant
    everything = AclBindingFilter(
        ResourceType.TOPIC, None, ResourcePatternType.ANY, f"User:{GUEST}", None, AclOperation.ANY,  # type: ignore[arg-type]  # None: any
        AclPermissionType.ANY,
    )  # fmt: skip
    for future in admin.delete_acls([everything], request_timeout=30).values():
        future.result(30)


def new_topic(log: KafkaLog) -> str:
    name = f"t.{uuid.uuid4().hex[:12]}"
    log.create_topics([TopicSpec(name, 1)])
    return name


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_the_right_login_works_end_to_end(let_in, mechanism):
    log = let_in(KAFKA_SASL_MECHANISM=mechanism)
    topic = new_topic(log)
    log.append([NewRecord(topic, b"k", b"v")])
    assert [each.value for each in log.tail([TopicPartition(topic, 0)], 5)] == [b"v"]
    assert log.troubles([topic]) == []


def test_a_client_certificate_is_shown_too(let_in, guarded_kafka):
    guard = guarded_kafka.guard
    log = let_in(
        KAFKA_SSL_CERTIFICATE_LOCATION=str(guard.client_certificate),
        KAFKA_SSL_KEY_LOCATION=str(guard.client_key),
    )
    assert log.check() is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"KAFKA_SASL_PASSWORD": "wrong"}, "does not accept the login of 'headwater' by SCRAM-SHA-512"),
        ({"KAFKA_SASL_PASSWORD": "wrong", "KAFKA_SASL_MECHANISM": "PLAIN"}, "by PLAIN: see KAFKA_SASL_USERNAME"),
        ({"KAFKA_SASL_USERNAME": "nobody"}, "does not accept the login of 'nobody'"),
        ({**WITHOUT_LOGIN, **WITHOUT_TLS, "KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}, "expects TLS here: set KAFKA_SEC"),
        ({**WITHOUT_TLS, "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}, "expects TLS here: set KAFKA_SECURITY"),
        ({"KAFKA_SSL_CA_LOCATION": "stranger"}, "certificate verify failed.*see KAFKA_SSL_CA_LOCATION"),
    ],
    ids=["password", "password plain", "user", "plaintext", "sasl plaintext", "certificate"],
)  # fmt: skip
def test_who_is_not_let_in_is_told_why_in_one_line(let_in, guarded_kafka, changed, said):
    if changed.get("KAFKA_SSL_CA_LOCATION"):
        changed = {"KAFKA_SSL_CA_LOCATION": str(guarded_kafka.guard.stranger.certificate)}
    log = let_in(**changed)
    began = time.monotonic()
    with pytest.raises(LogDenied, match=said) as caught:
        log.topics()
    assert time.monotonic() - began < SECONDS
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert [each.ailment for each in log.troubles(())] == [Ailment.NOT_AUTHORISED]


def test_tls_to_a_listener_without_it_says_so(let_in, guarded_kafka):
    with pytest.raises(LogDenied, match="speaks no TLS here"):
        let_in(guarded_kafka.cluster.url).topics()


def test_a_broker_under_another_name_than_its_certificates_is_refused_unless_somebody_says_so(
    let_in, guarded_kafka
):
    elsewhere = guarded_kafka.cluster.guarded_url.replace("127.0.0.1", "localhost")
    with pytest.raises(LogDenied, match="EVENT_LOG names the brokers as their certificates do"):
        let_in(elsewhere).topics()
    assert let_in(elsewhere, KAFKA_SSL_CHECK_HOSTNAME="false").check() is None


def test_an_unreachable_broker_is_named(let_in):
    with pytest.raises(LogUnavailable, match=r"no broker answers at 127\.0\.0\.1:1: .*Connection refused"):
        let_in("kafka://127.0.0.1:1").topics()


def test_a_missing_right_is_named_with_the_line_that_grants_it(let_in, grant):
    topic = new_topic(let_in())
    guest = let_in(KAFKA_SASL_USERNAME=GUEST)
    with pytest.raises(
        LogDenied, match=rf"--allow-principal User:{GUEST} --operation Create --topic 't\.new'"
    ):
        guest.create_topics([TopicSpec("t.new", 1)])
    (trouble,) = guest.troubles([topic])
    assert trouble.text == f"the right Describe is missing on {topic}"
    grant(topic, AclOperation.DESCRIBE, AclOperation.READ, AclOperation.DESCRIBE_CONFIGS)
    lacking = f"the right Write is missing on {topic}"
    eventually(lambda: [each.text for each in guest.troubles([topic])] == [lacking], "the new rights")
    assert f"--operation Write --topic '{topic}'" in guest.troubles([topic])[0].remedy
    grant(topic, AclOperation.WRITE)
    eventually(lambda: guest.troubles([topic]) == [], "the last right")
    guest.append([NewRecord(topic, b"k", b"v")])


class Commands:
    """Our commands as an operator runs them, on a log of the test's."""

    def __init__(self, database, home) -> None:
        with socket.create_server((HOST, 0)) as server:
            port = server.getsockname()[1]
        self._environment = {
            **database.environment, "HEADWATER_HOME": str(home), "PORT": str(port), "PYTHONWARNINGS": "ignore",
        }  # fmt: skip

    def run(self, *command: str, **environment: str) -> tuple[int, str]:
        """The exit code and what was said, of a command that ends; the others are ended once they have said a line."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env={**self._environment, **environment},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def first_complaint(self, *command: str, **environment: str) -> str:
        """The first line that a command which goes on says about the log."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command], cwd=ROOT, env={**self._environment, **environment},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert process.stderr is not None
        try:
            return next((line for line in process.stderr if "Kafka" in line or "broker" in line), "")
        finally:
            os.killpg(process.pid, 9)
            process.wait(30)
            process.stderr.close()


@pytest.fixture
def commands(fresh_database, tmp_path) -> Commands:
    return Commands(fresh_database, tmp_path / "home")


def test_commands_say_in_one_line_why_they_are_not_let_in(commands, guarded_kafka):
    wrong = guarded_kafka.guard.environment(KAFKA_SASL_PASSWORD="wrong")
    address = {"EVENT_LOG": guarded_kafka.cluster.guarded_url}
    said = "does not accept the login of 'headwater'"
    code, text = commands.run("run_consumers", **address, **wrong)
    assert (code, text.count("\n")) == (1, 1), text
    assert said in text
    code, text = commands.run("doctor", **address, **wrong)
    assert code == 1
    assert said in text
    assert "Traceback" not in text


def test_commands_on_a_log_of_others_refuse_and_adopting_it_helps(commands, guarded_kafka, let_in, request):
    strangers = let_in()
    strangers.create_topics([TopicSpec(STRANGER, 1)])
    request.addfinalizer(lambda: STRANGER in strangers.topics() and strangers.delete_topic(STRANGER))
    address = {"EVENT_LOG": guarded_kafka.cluster.guarded_url, **guarded_kafka.guard.environment()}
    said = "is the log of another installation (somebody-else)"
    for command in (["run_consumers", "rejections"], ["serve"]):
        code, text = commands.run(*command, **address)
        assert (code, text.count("\n")) == (1, 1), text
        assert said in text
        assert "manage.py topics adopt" in text
    assert said in commands.run("doctor", **address)[1]
    assert "no more to somebody-else" in commands.run("topics", "adopt", **address)[1]
    assert commands.run("run_consumers", "rejections", "--until-caught-up", **address)[0] == 0


@pytest.mark.parametrize(
    ("command", "then"), [("run_consumers", "consumers wait"), ("serve", "in the spool")]
)
def test_what_goes_on_without_the_log_says_so_in_one_line(commands, command, then):
    line = commands.first_complaint(command, EVENT_LOG="kafka://127.0.0.1:1")
    assert "no broker answers at 127.0.0.1:1" in line
    assert then in line
