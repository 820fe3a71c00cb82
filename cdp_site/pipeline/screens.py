"""Which screens there are, where, and for whom."""

from cdp_site.pipeline import consumers, decisions, letters, topics
from compliance.enums import Operation
from streaming.screens import Screen, register_screen

SECTION = "Pipeline"
_VIEW, _OPERATE = Operation.PIPELINE_VIEW.value, Operation.PIPELINE_OPERATE.value

_SCREENS = (
    Screen("topics/", "topics", topics.listing, _VIEW, "Topics", SECTION, "schema", 10),
    Screen("topics/graph/", "topics_graph", topics.graph, _VIEW),
    Screen("topics/<str:name>/", "topic", topics.topic, _VIEW),
    Screen("consumers/", "consumers", consumers.listing, _VIEW, "Consumers", SECTION, "memory", 20),
    Screen("consumers/<str:name>/", "consumer", consumers.consumer, _VIEW),
    Screen("dead-letters/", "dead_letters", letters.listing, _VIEW, "Dead letters", SECTION, "report", 30),
    Screen("dead-letters/decide/", "dead_letters_decide", decisions.preview, _OPERATE),
    Screen("dead-letters/decided/", "dead_letters_decided", decisions.decide, _OPERATE),
    Screen("dead-letters/<int:letter_id>/", "dead_letter", letters.letter, _VIEW),
    Screen("dead-letters/<int:letter_id>/payload/", "dead_letter_payload", letters.payload, _VIEW),
)


def register_screens() -> None:
    """Make them known."""
    for screen in _SCREENS:
        register_screen(screen)
