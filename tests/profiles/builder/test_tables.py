from profiles.models import LifecycleRule, Namespace, ProfileActivity, TimelineEvent


def test_a_new_installation_has_its_rules_and_empty_tables(db):
    assert list(Namespace.objects.values_list("key", flat=True))[:3] == [
        "user_id",
        "customer_number",
        "email",
    ]
    assert LifecycleRule.objects.get().customer_events == ["Order Completed"]
    assert not TimelineEvent.objects.exists()
    assert not ProfileActivity.objects.exists()
