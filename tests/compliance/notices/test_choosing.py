"""Choosing what reaches whom: all of it or nothing, and two at once."""

import threading

import pytest
from django.db import connection, transaction

from compliance.access import Actor
from compliance.enums import ActorKind, Channel, Operation
from compliance.models import NoticeSubscription, Role
from compliance.notices.choosing import ChoiceError, choose, choose_for_role, own_choices, own_email
from tests.compliance.conftest import SYSTEM
from tests.compliance.notices.conftest import make_staff
from tests.waiting import eventually

ADA = Actor(ActorKind.STAFF, "ada", frozenset(Operation))
WANTED = {"quarantine": "digest", "disk_low": "off"}
_BLOCKED = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
)


def _holds_somebody_up() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKED)
        return bool(cursor.fetchone()[0])


def _chosen() -> dict[str, Channel]:
    return {each.kind.key: each.chosen for each in own_choices(ADA) if each.chosen}


def test_nothing_is_kept_of_a_form_that_is_wrong_in_part(administrator):
    for email, wanted, said in (
        ("ada@example.com", {"nothing": "off"}, "no kind of notices"),
        ("ada@example.com", {"quarantine": "pigeon"}, "is no way"),
        ("ada at example", WANTED, "no e-mail address"),
        (f"{'a' * 245}@example.com", WANTED, "no e-mail address"),
    ):
        with pytest.raises(ChoiceError, match=said) as wrong:
            choose(ADA, wanted, email=email)
        assert len(str(wrong.value)) < 120
        assert (own_email(ADA), _chosen()) == ("", {})
    choose(ADA, WANTED, email="ada@example.com")
    assert (own_email(ADA), _chosen()) == ("ada@example.com", {"quarantine": "digest", "disk_low": "off"})
    choose(ADA, {"quarantine": ""}, email="")
    assert (own_email(ADA), _chosen()) == ("", {"disk_low": "off"})


@pytest.mark.parametrize("whose", ["own", "role"])
def test_a_form_that_is_sent_twice_at_once_is_kept_once(fresh_database, whose):
    make_staff("ada", "administrator")
    role = Role.objects.get(group__name="marketer")
    failed: list[BaseException] = []

    def send() -> None:
        if whose == "own":
            choose(ADA, WANTED)
        else:
            choose_for_role(SYSTEM, role, WANTED)

    def send_meanwhile() -> None:
        try:
            send()
        except BaseException as error:  # noqa: BLE001 -- told to the test
            failed.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=send_meanwhile)
    with transaction.atomic():
        send()
        other.start()
        eventually(_holds_somebody_up, "the second waits for the first")
    other.join(30)
    assert failed == []
    assert NoticeSubscription.objects.count() == 2
