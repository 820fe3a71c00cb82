"""Since when a topic must hold what it was given."""

from streaming.contracts.records import TopicSpec
from tests.cdp_site.reconciliation.conftest import TOPIC, fresh_event


def test_a_topic_that_was_gone_for_a_while_is_recognised_as_another(pipeline):
    pipeline.append(fresh_event(user_id="u1"))
    pipeline.build()
    assert pipeline.reconcile().state == "balanced"
    pipeline.log.delete_topic(TOPIC)
    pipeline.reconcile()
    pipeline.log.create_topics([TopicSpec(TOPIC, 2)])
    pipeline.append(fresh_event(user_id="u2"))
    kinds = {each.kind for each in pipeline.reconcile().found.all()}
    assert kinds == {"recreated"}, "what the former one held is not missing"
