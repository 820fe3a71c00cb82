"""The example of the guide, followed to the letter."""

import json
import re

from ingestion.enums import RunState
from ingestion.sources.connections import create_connection
from ingestion.sources.looking import look_at
from ingestion.sources.proposal import propose
from ingestion.sources.rest import RestSource
from ingestion.sources.streams import Choice, save_stream
from tests.conftest import ROOT
from tests.ingestion.sources.conftest import BY, NOW
from tests.ingestion.sources.rest.server import Reply

GUIDE = (ROOT / "docs/guides/connect-a-rest-api.md").read_text().split("## Logging in")[0]
ANSWER, MAPPING, EVENT = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL))


def _typed(fields):
    """What the guide says to type, by the labels of the form."""
    said = dict(re.findall(r"^\| ([A-Z][^|]+?) \| `?([^|]+?)`? \|$", GUIDE, re.MULTILINE))
    labels = {field.label: field for field in fields}
    return {
        labels[label].name: {name: key for key, name in labels[label].choices}.get(value, value)
        for label, value in said.items()
        if label in labels
    }


def test_the_example_is_true(producer, api):
    def answer(asked):
        if "page_token" in asked.query or "updated_since" in asked.query:
            return Reply({"customers": []})
        return Reply(ANSWER)

    api.answer = answer
    typed = {**_typed(RestSource.fields), "base_url": f"{api.url}/v2"}
    assert (typed["auth"], typed["test_path"]) == ("bearer", "/customers")
    made = create_connection(name="Example", kind="rest", source="Shop", typed=typed, by=BY, now=NOW)
    looked = look_at(connection=made, name="customers", typed=_typed(RestSource.stream_fields), by=BY)
    assert {name: looked.settings[name] for name in ("records", "pagination", "next", "page_parameter")} == {
        "records": "customers", "pagination": "token", "next": "next_page_token", "page_parameter": "page_token",
    }  # fmt: skip
    proposed = propose(looked.info)
    assert (proposed.key, proposed.cursor) == (("id",), "updated_at")
    choice = Choice(proposed.columns, proposed.key, MAPPING, cursor=proposed.cursor, settings=looked.settings)
    stream = save_stream(connection=made, stream=None, info=looked.info, choice=choice, by=BY, now=NOW)
    run = producer.run(stream)
    assert (run.state, run.accepted) == (RunState.DONE, 2)
    assert api.asked[-1].query == {
        "sort": "updated_at",
        "limit": "200",
        "page_token": ANSWER["next_page_token"],
    }
    [event] = [each for each in producer.events() if each["user_id"] == EVENT["user_id"]]
    assert {name: event[name] for name in EVENT} == EVENT
    producer.run(stream)
    assert api.asked[-1].query["updated_since"] == "2026-01-05T11:40:00Z"
