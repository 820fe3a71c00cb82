import pytest

from ingestion.domain.events import ItemRejected
from ingestion.imports.columns import Column, Mapping, MappingError, ValueKind
from ingestion.imports.detection import detect_format
from ingestion.imports.proposal import propose_mapping
from ingestion.imports.reading import first_block
from ingestion.imports.translation import translation_of

HASH = "ab" * 32


def proposed(path, name=None):
    file_format = detect_format(path)
    return propose_mapping(name or path.name, file_format, first_block(path, file_format).rows)


def items(path, mapping=None):
    file_format = detect_format(path)
    chosen = mapping or proposed(path)
    chosen.check(file_format)
    translation = translation_of(chosen, file_format, HASH)
    rows = first_block(path, file_format).rows
    found = [translation(row) for row in rows]
    assert translation.items_of(rows) == [[item] for item in found]
    return found


def test_a_list_of_people_is_identified(make_file):
    path = make_file(
        "customer_id,email,first name,city\n7,anna@example.com,Anna,Rome\n8,ben@example.com,,Oslo\n"
    )
    assert items(path) == [
        {
            "type": "identify", "userId": "7", "event": "", "messageId": f"{HASH[:32]}-1",
            "traits": {"email": "anna@example.com", "first_name": "Anna", "city": "Rome"},
        },
        {
            "type": "identify", "userId": "8", "event": "", "messageId": f"{HASH[:32]}-2",
            "traits": {"email": "ben@example.com", "city": "Oslo"},
        },
    ]  # fmt: skip


def test_a_list_of_orders_is_tracked_at_noon_of_its_dates(make_file):
    path = make_file(
        "customer_id,order_date,amount,email\n7,2025-03-01,19.90,anna@example.com\n", "orders 2025.csv"
    )
    assert items(path) == [
        {
            "type": "track", "event": "Order Completed", "userId": "7", "timestamp": "2025-03-01T12:00:00.000000Z",
            "messageId": f"{HASH[:32]}-1", "properties": {"amount": 19.9},
            "context": {"traits": {"email": "anna@example.com"}},
        }
    ]  # fmt: skip


def test_event_files_carry_their_names_and_ids(make_file):
    path = make_file("message_id,anonymous_id,event,timestamp,page\nm1,a1,Clicked,1732400000,home\n")
    assert items(path) == [
        {
            "type": "track", "event": "Clicked", "anonymousId": "a1", "messageId": "m1",
            "timestamp": "2024-11-23T22:13:20.000000Z", "properties": {"page": "home"},
        }
    ]  # fmt: skip


def test_kinds_of_values_are_proposed_from_what_stands_there(make_file):
    path = make_file(
        "id;postcode;spent;visits;member;since;note\n1;01067;1.119,68;3;yes;01.02.2024;x\n2;10115;3,5;12;no;15.02.2024;y\n"
    )
    kinds = {column.name: (column.kind, column.time_format) for column in proposed(path).columns}
    assert kinds["postcode"] == (ValueKind.TEXT, "")
    assert kinds["spent"] == (ValueKind.DECIMAL_COMMA, "")
    assert kinds["visits"] == (ValueKind.NUMBER, "")
    assert kinds["member"] == (ValueKind.BOOLEAN, "")
    assert kinds["since"] == (ValueKind.TIME, "%d.%m.%Y")
    assert items(path)[0]["traits"] == {
        "postcode": "01067", "spent": 1119.68, "visits": 3, "member": True, "since": "2024-02-01T12:00:00.000000Z",
        "note": "x",
    }  # fmt: skip


def test_people_known_by_e_mail_only_get_an_id_that_says_nothing(make_file):
    first, second, third = items(
        make_file("email,name\nAnna@Example.com,A\nanna@example.com,B\nben@example.com,C\n")
    )
    assert first["anonymousId"] == second["anonymousId"] != third["anonymousId"]
    assert "anna" not in first["anonymousId"].lower()


def test_a_mapping_by_hand(make_file):
    path = make_file("no,day,paid\n0042,24/12/2024 18:30,5\n")
    mapping = Mapping(
        event="Order Completed",
        time_zone="Europe/Berlin",
        columns=(
            Column("no", "user_id", prefix="shop-"),
            Column("day", "timestamp", ValueKind.TIME, time_format="%d/%m/%Y %H:%M"),
            Column("paid", "properties.revenue", ValueKind.NUMBER),
        ),
        constants={"properties.currency": "EUR"},
    )
    assert items(path, Mapping.from_json(mapping.to_json())) == [
        {
            "type": "track", "event": "Order Completed", "userId": "shop-0042",
            "timestamp": "2024-12-24T17:30:00.000000Z", "messageId": f"{HASH[:32]}-1",
            "properties": {"currency": "EUR", "revenue": 5},
        }
    ]  # fmt: skip


def test_a_value_that_cannot_be_read_names_its_column(make_file):
    path = make_file("user_id,age\n1,3\n2,4\n")
    mapping = Mapping(
        event_type="identify",
        columns=(Column("user_id", "user_id"), Column("age", "traits.age", ValueKind.BOOLEAN)),
    )
    with pytest.raises(ItemRejected, match="column 'age' is neither yes nor no"):
        items(path, mapping)


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        (Mapping(event="X", columns=(Column("nobody", "user_id"),)), "no column 'nobody'"),
        (Mapping(event="X", columns=(Column("a", "userid"),)), "no 'userid' in an event"),
        (Mapping(event="X", columns=(Column("a", "user_id"), Column("b", "user_id"))), "both go to user_id"),
        (Mapping(event="X", columns=(Column("a", "properties.x"),)), "who the row is about"),
        (Mapping(columns=(Column("a", "user_id"),)), "which event"),
        (Mapping(event_type="buy", columns=(Column("a", "user_id"),)), "type should be one of"),
        (Mapping(event="X", time_zone="Mars/Phobos", columns=(Column("a", "user_id"),)), "time zone"),
        (Mapping(event="X", time_of_day="noon", columns=(Column("a", "user_id"),)), "time of day"),
        (Mapping(is_segment=True), "not Segment calls"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(make_file, mapping, why):
    with pytest.raises(MappingError, match=why):
        mapping.check(detect_format(make_file("a,b\n1,2\n")))


@pytest.mark.parametrize("stored", [{"columns": [{"nam": "a"}]}, {"colour": 1}, {"columns": 3}, []])
def test_a_file_that_is_no_mapping_is_refused(stored):
    with pytest.raises(MappingError):
        Mapping.from_json(stored)
