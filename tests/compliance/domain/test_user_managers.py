from functools import partial
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from compliance.domain.seeds import seed
from compliance.domain.user_managers import is_left
from compliance.domain.users import UserError, create_staff, deactivate, set_roles
from compliance.models import User
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM
from tests.compliance.domain.test_users import as_actor


@pytest.mark.parametrize(
    "take", [deactivate, partial(set_roles, roles=["marketer"])], ids=["deactivate", "set_roles"]
)
def test_two_administrators_who_shut_each_other_out_at_once_leave_one(fresh_database, take):
    seed()
    pair = [
        create_staff(username=n, password=PASSWORD, role="administrator", by=SYSTEM, now=NOW) for n in "ab"
    ]
    actors, start, said = [as_actor(user) for user in pair], Barrier(2), []

    def shut_out(user, by):
        try:
            with transaction.atomic():
                start.wait(20)
                take(user=User.objects.get(pk=user.pk), by=by)
        except UserError as refused:
            said.append(str(refused))
        finally:
            connection.close()

    threads = [Thread(target=shut_out, args=each) for each in zip(pair, reversed(actors), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [text[:21] for text in said] == ["nobody would be left "]
    assert is_left()
