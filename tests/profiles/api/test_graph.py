"""`graph/` over REST."""

from tests.profiles.api.test_facts import address


def test_the_graph_of_a_person(api, jane):
    found = api.get(address(jane, "graph")).json()
    assert found["id"] == str(jane.public_id)
    user = found["nodes"][0]
    assert user == {
        "key": "n1", "namespace": "user_id", "value": "42", "level": "person", "standing": "joins",
        "first_seen": "2026-03-01T12:02:00Z", "own": True, "profile": None, "masked": False, "form": "clear",
    }  # fmt: skip
    merged = [link for link in found["links"] if link["merged_at"]]
    assert [(link["tie"], link["sources"], link["count"], len(link["evidence"])) for link in merged] == [
        ("accepted", 1, 1, 1)
    ]
    assert (found["bundles"], found["more"]) == ([], False)


def test_what_a_token_may_not_see_is_null_and_says_so(client_with, jane):
    found = client_with("people.view", categories=["identity"]).get(address(jane, "graph")).json()
    values = {node["namespace"]: (node["value"], node["masked"]) for node in found["nodes"]}
    assert values["email"] == (None, True)
    assert values["user_id"] == ("42", False)
