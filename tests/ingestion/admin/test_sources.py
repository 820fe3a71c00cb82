"""Sources: made, rotated, disabled, and shown."""

from ingestion.models import Source


def test_a_source_is_made_with_its_first_key(administrator, audited):
    answer = administrator.post("/admin/sources/new/", {"name": " Till ", "description": "In the shop"})
    source = Source.objects.get(name="Till")
    assert answer["Location"] == f"/admin/sources/{source.pk}/"
    assert source.write_keys.get().key in administrator.get(answer["Location"]).content.decode()
    assert [entry.actor for entry in audited("source.create")] == ["administrator"]


def test_what_is_wrong_with_a_name_is_said_at_the_field_and_the_text_stays(administrator, source):
    for name, said in (("", "Give the source a name"), (source.name, "already"), ("x" * 101, "at most 100")):
        answer = administrator.post("/admin/sources/new/", {"name": name, "description": "kept text"})
        assert answer.status_code == 400
        assert said in answer.content.decode()
        assert "kept text" in answer.content.decode()


def test_a_key_is_rotated_and_disabled(administrator, source):
    administrator.post(f"/admin/sources/{source.pk}/keys/")
    new, old = source.write_keys.all()
    answer = administrator.post(f"/admin/sources/{source.pk}/keys/{old.pk}/disable/", follow=True)
    assert "The key is disabled" in answer.content.decode()
    assert [each.is_active for each in source.write_keys.all()] == [True, False]
    assert new.key != old.key


def test_a_third_key_is_refused_with_what_to_do(administrator, source):
    administrator.post(f"/admin/sources/{source.pk}/keys/")
    answer = administrator.post(f"/admin/sources/{source.pk}/keys/", follow=True)
    assert "disable one first" in answer.content.decode()
    assert source.write_keys.count() == 2


def test_a_source_is_disabled_and_enabled(administrator, source):
    administrator.post(f"/admin/sources/{source.pk}/disable/")
    source.refresh_from_db()
    assert not source.is_enabled
    assert "Disabled" in administrator.get("/admin/sources/").content.decode()
    administrator.post(f"/admin/sources/{source.pk}/enable/")
    source.refresh_from_db()
    assert source.is_enabled


def test_the_key_of_another_source_cannot_be_disabled_through_this_one(administrator, source):
    administrator.post("/admin/sources/new/", {"name": "Other"})
    other = Source.objects.get(name="Other").write_keys.get()
    assert administrator.post(f"/admin/sources/{source.pk}/keys/{other.pk}/disable/").status_code == 404
    other.refresh_from_db()
    assert other.is_active


def test_an_unknown_source_is_a_404_that_names_nothing(administrator):
    answer = administrator.get("/admin/sources/4711/")
    assert answer.status_code == 404
    assert "4711" not in answer.content.decode()


def test_snippets_have_the_address_and_the_key(administrator, source):
    page = administrator.get(f"/admin/sources/{source.pk}/").content.decode()
    assert "curl http://testserver/v1/track -u WRITEKEY1:" in page
    assert "apiHost: &quot;testserver/v1&quot;" in page
    for client in ("Browser", "Node", "Python", "curl"):
        assert client in page


def test_the_time_out_of_visits_is_set_within_its_limits(administrator, source, audited):
    address = f"/admin/sources/{source.pk}/visits/"
    said = administrator.post(address, {"minutes": "45"}, follow=True).content.decode()
    assert "ends after 45 minutes without an event" in said
    assert 'name="minutes" min="1" max="1440" required value="45"' in said
    assert [entry.detail for entry in audited("source.visit_timeout")] == [{"minutes": 45}]
    for wrong in ("0", "1441", "-1", "x", ""):
        said = administrator.post(address, {"minutes": wrong}, follow=True).content.decode()
        assert "A visit ends after 1 to 1440 minutes" in said, wrong
    source.refresh_from_db()
    assert source.visit_timeout == 45


def test_the_page_says_for_which_visits_a_change_of_the_time_out_holds(administrator, marketer, source):
    for client in (administrator, marketer):
        page = client.get(f"/admin/sources/{source.pk}/").content.decode()
        assert "Visits that have ended stay as they are" in page
    assert f'action="/admin/sources/{source.pk}/visits/"' not in page  # a marketer reads it only
    assert marketer.post(f"/admin/sources/{source.pk}/visits/", {"minutes": "5"}).status_code == 403
