"""What the shop's social listening tool hears of its customers."""

import random
from collections.abc import Iterator

from cdp_site.demo.shop.calls import Step, on_record
from cdp_site.demo.shop.people import Person

_NETWORKS = ["twitter", "Mastodon", "instagram", "facebook"]


def chatter(person: Person, rng: random.Random) -> Iterator[Step]:
    """Some customers talk about the shop where others read it; who regrets a post takes it back."""
    network = rng.choice(_NETWORKS)
    said = {
        "network": network,
        "handle": f"{person.first_name}.{person.last_name}".lower().replace("'", ""),
        "followers": 20 + sum(map(ord, person.last_name)) % 900,
    }
    post = f"{network}-{rng.getrandbits(40):010x}"
    mood = round(max(-1.0, min(1.0, rng.gauss(0.35, 0.5))), 2)
    posted = {**said, "post_id": post, "sentiment": mood, "reach": rng.randrange(40, 4000)}
    yield Step(60, on_record(person, "Post Published", posted, "social"))
    if rng.random() < 0.5:
        yield Step(600, on_record(person, "Account Followed", said, "social"))
    for number in range(rng.choice([0, 1, 2, 3])):
        liked = {**said, "post_id": f"ours-{rng.randrange(30)}"}
        yield Step(900, on_record(person, "Post Liked", liked, "social"))
        if number == 2:
            yield Step(120, on_record(person, "Post Unliked", liked, "social"))
    if rng.random() < 0.4:
        mentioned = {
            **said,
            "mention_id": f"{post}-m",
            "sentiment": rng.choice(["positive", "neutral", "negative"]),
        }
        yield Step(1200, on_record(person, "Mention Received", mentioned, "social"))
    if rng.random() < 0.3:
        answered = {
            **said,
            "post_id": post,
            "reply_id": f"{post}-r",
            "sentiment": rng.choice([0.6, 0.1, -0.4]),
        }
        yield Step(1800, on_record(person, "Reply Sent", answered, "social"))
    if rng.random() < 0.08:
        yield Step(3600, on_record(person, "Post Deleted", {**said, "post_id": post}, "social"))
