from django.contrib.auth import get_user_model


def test_db(db):
    assert get_user_model().objects.count() >= 0


def test_fresh(fresh_database):
    from streaming.database import connect

    get_user_model().objects.create(username="x")
    with connect() as c:
        assert (
            c.execute("select count(*) from compliance_user").fetchone()[0]
            == get_user_model().objects.count()
        )


def test_fresh2(fresh_database):
    test_fresh(fresh_database)
