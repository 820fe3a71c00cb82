"""What the database's owner does to the trail with triggers out of the way is found, and told which rows it was."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance.sealing.anchors import current_anchor, line, read_lines
from compliance.sealing.sealer import seal
from compliance.sealing.verifying import verify
from tests.compliance.sealing.trail import is_whole, look, recompute

UPDATE = "UPDATE compliance_auditentry"
ROW = "INSERT INTO compliance_auditentry (actor_kind, actor, address, action, target, subjects, categories, purpose, detail, sealed_seq, sealed_hash) SELECT actor_kind, 'ada', address, action, target, subjects, categories, purpose, detail, sealed_seq, sealed_hash FROM compliance_auditentry WHERE id = 4"
FREE_PLACES = "ALTER TABLE compliance_auditentry DROP CONSTRAINT compliance_auditentry_sealed_seq_key; CREATE INDEX ON compliance_auditentry (sealed_seq)"


@pytest.fixture
def owner(fresh_database):
    """A session of the database's owner, for whom no trigger fires, over ten sealed rows."""
    look(10)
    seal()
    with fresh_database.connect(autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def problems(**options) -> tuple[str, ...]:
    return verify(**options).problems


def test_a_trail_that_nobody_touched_is_whole(owner):
    report = verify([current_anchor(now=timezone.now())])
    assert report.is_whole
    assert (report.first, report.last, report.rows, report.anchors) == (1, 10, 10, 1)


def test_an_empty_trail_is_whole(fresh_database):
    assert verify().is_whole
    assert verify().rows == 0


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'ada'", "actor_kind = 'token'", "address = ''", "action = 'x'", "target = ''", "purpose = ''",
        "subjects = '{}'", "categories = '{identity}'", "detail = detail || '{\"results\": 0}'",
        "at = at - interval '1 microsecond'", "id = 4000",
    ],
)  # fmt: skip
def test_any_field_of_a_row_that_was_changed(owner, change):
    owner.execute(f"{UPDATE} SET {change} WHERE id = 4")
    [problem] = problems()
    assert problem.startswith(f"Row {4000 if '4000' in change else 4}, at place 4, was changed")


def test_values_do_not_run_into_each_other(owner):
    owner.execute(f"{UPDATE} SET action = action || left(target, 1), target = substr(target, 2) WHERE id = 4")
    assert len(problems()) == 1


def test_several_changed_rows_are_each_named(owner):
    owner.execute(f"{UPDATE} SET actor = 'ada' WHERE id IN (2, 3, 10)")
    assert [each.partition(" was")[0] for each in problems()] == [
        "Row 2, at place 2,",
        "Row 3, at place 3,",
        "Row 10, at place 10,",
    ]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("id = 1", "The row at place 1 is missing."),
        ("id = 4", "The row at place 4 is missing."),
        ("id IN (4, 5, 6)", "The rows at places 4 to 6 are missing."),
    ],
)
def test_missing_rows(owner, condition, told):
    owner.execute(f"DELETE FROM compliance_auditentry WHERE {condition}")
    assert problems() == (told,)


def test_missing_rows_whose_gap_was_closed(owner):
    owner.execute("DELETE FROM compliance_auditentry WHERE id = 4")
    owner.execute(f"{FREE_PLACES}; {UPDATE} SET sealed_seq = sealed_seq - 1 WHERE sealed_seq > 4")
    found = problems()
    assert found[0].startswith("Row 5, at place 4, was ")
    assert "Row 6, at place 5, was moved there: it was sealed at place 6." in found


def test_a_row_that_was_put_in_with_places_moved(owner):
    owner.execute(f"{FREE_PLACES}; {UPDATE} SET sealed_seq = sealed_seq + 1 WHERE sealed_seq >= 4")
    owner.execute(ROW.replace("detail, sealed_seq, sealed_hash FROM", "detail, 4, sealed_hash FROM"))
    found = problems()
    assert found[0] == "Row 11, at place 4, took the place of row 4."
    assert "Row 4, at place 5, was moved there: it was sealed at place 4." in found


def test_a_row_that_was_put_in_beside_another(owner):
    owner.execute(f"{FREE_PLACES}; {ROW}")
    [problem] = problems()
    assert problem.startswith("Row 11, at place 4, was put in")


def test_rows_that_changed_places(owner):
    owner.execute(f"{FREE_PLACES}; {UPDATE} SET sealed_seq = 9 - sealed_seq WHERE sealed_seq IN (4, 5)")
    assert problems() == (
        "Row 5, at place 4, was moved there: it was sealed at place 5.",
        "Row 4, at place 5, was moved there: it was sealed at place 4.",
    )


def test_rows_that_changed_places_and_left_their_seals(owner):
    owner.execute(
        f"{FREE_PLACES}; {UPDATE} one SET sealed_seq = other.sealed_seq, sealed_hash = other.sealed_hash "
        "FROM compliance_auditentry other WHERE one.id IN (4, 5) AND other.id = 9 - one.id"
    )
    assert problems() == (
        "Row 5, at place 4, took the place of row 4.",
        "Row 4, at place 5, took the place of row 5.",
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("sealed_hash = sha256('x')", "Row 4, at place 4, has another seal than it was given."),
        ("sealed_hash = NULL", "Row 4, at place 4, has lost its seal."),
        ("sealed_hash = 'short'", "Row 4, at place 4, has another seal than it was given."),
        ("sealed_hash = NULL, sealed_seq = NULL", "The row at place 4 is missing."),
    ],
)
def test_seals_that_were_changed(owner, change, told):
    owner.execute(f"{UPDATE} SET {change} WHERE id = 4")
    assert problems() == (told,)


def test_very_many_changes_are_counted_and_take_no_room(owner, fresh_database):
    look(200)
    seal()
    owner.execute(f"{UPDATE} SET actor = 'ada'")
    found = problems()
    assert len(found) == 65
    assert found[-1] == "146 more rows do not fit their seals."


def test_from_a_place_on(owner):
    owner.execute(f"{UPDATE} SET actor = 'ada' WHERE id = 4")
    assert problems(first=5) == ()
    assert len(problems(first=4)) == 1
    owner.execute("DELETE FROM compliance_auditentry WHERE id = 8")
    assert problems(first=9) == ("The row at place 8 is missing.",)


def rewrite(owner) -> None:
    """Change a row and seal all that follow anew, as somebody does who knows the form of the chain."""
    owner.execute(f"{UPDATE} SET actor = 'ada' WHERE id = 4")
    for place, hashed in enumerate(recompute(owner), 1):
        owner.execute(f"{UPDATE} SET sealed_hash = %s WHERE sealed_seq = %s", [hashed, place])
    assert is_whole(owner)


def test_a_chain_that_was_rewritten_as_a_whole_is_known_by_an_anchor_alone(owner):
    early = current_anchor(now=timezone.now())
    look(5)
    seal()
    late = current_anchor(now=timezone.now())
    assert verify([early, late]).is_whole
    rewrite(owner)
    assert verify().is_whole  # all hashes fit
    [problem] = problems(anchors=[late, early])
    assert problem == (
        f"2 of 2 anchors disagree, the first of them that of {early.at}: rows between places 1 and 10 were rewritten "
        "after they had been anchored."
    )


def test_an_anchor_says_where_the_rewriting_begins(owner):
    late = current_anchor(now=timezone.now())
    owner.execute(f"{UPDATE} SET sealed_seq = NULL, sealed_hash = NULL WHERE id > 3")
    early = current_anchor(now=timezone.now())
    owner.execute(f"{UPDATE} SET actor = 'ada' WHERE id = 6")
    seal()
    [problem] = problems(anchors=[late, early])
    assert "1 of 2 anchors disagree" in problem
    assert "between places 4 and 10" in problem


def test_rows_that_are_missing_at_the_end_are_known_by_an_anchor(owner):
    anchor = current_anchor(now=timezone.now())
    owner.execute("DELETE FROM compliance_auditentry WHERE id > 7")
    assert verify().is_whole
    assert problems(anchors=[anchor]) == (
        f"The anchor of {anchor.at} tells of 10 rows, and the chain ends at place 7: the rows from place 8 to 10 are missing.",
    )


def test_an_anchor_of_a_place_that_is_missing_disagrees(owner):
    anchor = current_anchor(now=timezone.now())
    look(2)
    seal()
    owner.execute("DELETE FROM compliance_auditentry WHERE id = 10")
    assert len(problems(anchors=[anchor])) == 2


def command(*arguments) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


@pytest.fixture
def anchors(owner, tmp_path):
    path = tmp_path / "anchors"
    path.write_text(
        f"<109>1 2026-11-30T09:00:00Z host headwater 7 audit-anchor - {line(current_anchor(now=timezone.now()))}\n"
    )
    return path


def test_the_command_says_that_the_trail_is_whole(owner, anchors):
    look()
    status, said = command("--anchors", str(anchors))
    assert status == 0
    assert "whole: 10 rows from place 1 to 10, 1 anchors compared, 1 rows not sealed yet" in said
    status, said = command("--from", "6")
    assert status == 0
    assert "5 rows from place 6 to 10, 0 anchors compared" in said
    assert "would not be noticed" in said


def test_the_command_says_what_is_wrong(owner, anchors):
    rewrite(owner)
    status, said = command("--anchors", str(anchors), "--json")
    assert status == 1
    assert "were rewritten after they had been anchored" in json.loads(said)["problems"][0]


def test_an_anchor_that_was_changed_is_known_by_its_signature(owner, anchors):
    anchors.write_text(anchors.read_text().replace('"seq":10', '"seq":9'))
    status, said = command("--anchors", str(anchors))
    assert status == 1
    assert "line 1 first: they were changed" in said


def test_what_cannot_be_checked_has_a_status_of_its_own(owner, tmp_path):
    status, said = command("--anchors", str(tmp_path / "none"))
    assert status == 2
    assert "could not be checked" in said
    assert command("--from", "0")[0] == 2


def test_lines_that_are_no_anchors_and_those_of_others_are_left_out(owner, settings):
    other = line(current_anchor(now=timezone.now()))
    settings.IDENTIFIER_KEY = "of another installation"
    own = line(current_anchor(now=timezone.now()))
    found = read_lines(
        [own, "", other, "torn {", "{}", "[" * 5000, '{"signature": 1}', '{"signature":' + "[" * 1900]
    )
    assert [each.seq for each in found.anchors] == [10]
    assert found.unreadable == 5
    assert not found.changed
