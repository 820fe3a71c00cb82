"""Rows of an audit trail, and its chain computed anew from its documented form, by other means than the product's."""

import struct
from hashlib import sha256

import psycopg

from compliance.actors import Actor
from compliance.audit import record_read
from compliance.enums import ActorKind, Category

MIA = Actor(ActorKind.STAFF, "mia", address="10.0.0.7", purpose="marketing")
INSERT = (
    "INSERT INTO compliance_auditentry (actor_kind, actor, address, action, target, subjects, categories, purpose, detail)"
    " VALUES ('staff', %s, '', 'person.read', '', '{}', '{}', '', '{}')"
)
CHAIN = "SELECT sealed_seq, sealed_hash, id FROM compliance_auditentry ORDER BY sealed_seq"
_ROWS = """
SELECT sealed_seq, sealed_hash, id, (extract(epoch FROM at - '2000-01-01Z') * 1000000)::bigint, actor_kind, actor, address,
    action, target, subjects::text, categories::text, purpose, detail::text
FROM compliance_auditentry WHERE sealed_seq IS NOT NULL ORDER BY sealed_seq
"""


def look(times: int = 1, actor: Actor = MIA) -> None:
    for number in range(times):
        record_read(
            actor, action="person.read", target=f"profile {number}", subjects=[f"{number}", "other"],
            categories=[Category.IDENTITY, Category.CONTACT], detail={"results": number, "said": "\u00fc\u2028x"},
        )  # fmt: skip


def insert_many(connection: psycopg.Connection, count: int) -> None:
    connection.execute(
        "INSERT INTO compliance_auditentry (actor_kind, actor, address, action, target, subjects, categories, purpose, detail)"
        " SELECT 'staff', 'mia', '10.0.0.7', 'person.read', 'profile ' || n, ARRAY[gen_random_uuid(), gen_random_uuid()],"
        " '{identity,contact,behaviour}', 'marketing', jsonb_build_object('results', n, 'criteria', 'plan is gold') "
        "FROM generate_series(1, %s) n",
        [count],
    )


def recompute(connection: psycopg.Connection) -> list[bytes]:
    """The hashes that the chain should have; asserts that its places have no gap."""
    previous, hashes = sha256(b"headwater audit chain 1").digest(), []
    for number, (seq, _hash, *fields) in enumerate(connection.execute(_ROWS).fetchall(), 1):
        assert seq == number
        content = b"".join(
            struct.pack(">i", len(each)) + each
            for each in (
                value.to_bytes(8, "big", signed=True) if isinstance(value, int) else value.encode()
                for value in (seq, *fields)
            )
        )
        previous = sha256(previous + content).digest()
        hashes.append(previous)
    return hashes


def kept_hashes(connection: psycopg.Connection) -> list[bytes]:
    found = connection.execute(CHAIN.replace("ORDER", "WHERE sealed_seq IS NOT NULL ORDER")).fetchall()
    return [bytes(hashed) for _, hashed, _ in found]


def is_whole(connection: psycopg.Connection) -> bool:
    return kept_hashes(connection) == recompute(connection)
