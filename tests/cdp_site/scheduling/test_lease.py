"""The lease of the acting scheduler: one at a time, each under a higher term, and a former one can do nothing."""

import pytest
from django.db import connection, transaction

from cdp_site.scheduling import lease

pytestmark = pytest.mark.usefixtures("fresh_database")


def expire(database) -> None:
    with database.connect(autocommit=True) as other:
        other.execute("UPDATE scheduler_lease SET expires_at = clock_timestamp() - interval '1 ms'")


def test_one_holds_it_until_it_runs_out(fresh_database):
    assert lease.take("a") == 1
    assert lease.take("b") is None
    assert lease.renew(1)
    expire(fresh_database)
    assert not lease.renew(1)
    assert lease.take("b") == 2
    assert not lease.renew(1)
    assert not lease.holds(1)


def test_whoever_ends_lets_another_one_act_at_once():
    assert lease.take("a") == 1
    lease.release(1)
    assert lease.take("b") == 2
    lease.release(1)  # what is no longer one's own is not given away
    assert lease.take("c") is None


def test_a_holder_without_a_session_is_not_waited_for_as_long(fresh_database):
    lease.take("a")
    connection.close()
    assert lease.take("b") is None, "it may be opening another session"
    with fresh_database.connect(autocommit=True) as other:
        other.execute("UPDATE scheduler_lease SET expires_at = clock_timestamp() + interval '2 s'")
    assert lease.take("b") == 2


def test_a_frozen_holder_lets_go_of_its_locks(fresh_database):
    """It froze within the transaction of a run; its lease ran out meanwhile."""
    with fresh_database.connect() as frozen:
        frozen.execute(lease._TAKE, {"holder": "frozen", "seconds": 0, "patience": 0})
        frozen.commit()
        frozen.execute("SELECT FROM scheduler_lease FOR SHARE")
        assert lease.take("b") == 2
        frozen.close()


def test_nobody_takes_it_while_a_run_is_dispatched(fresh_database):
    lease.take("a")
    with transaction.atomic():
        assert lease.holds(1)
        with fresh_database.connect(autocommit=True) as other:
            other.execute("SET lock_timeout = '100ms'")
            with pytest.raises(Exception, match="lock timeout"):
                other.execute("UPDATE scheduler_lease SET term = term + 1")
