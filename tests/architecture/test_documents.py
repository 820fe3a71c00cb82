"""The documents hold together: no link is dead, and each guide, decision and command can be found from an index."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cdp_site.test_runbooks import COMMANDS
from tests.conftest import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])
DECISIONS = sorted(path.name for path in (ROOT / "docs/adr").glob("0*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")


def links_of(document: Path) -> Iterator[str]:
    """Those that lead to something of ours."""
    for address in LINK.findall(document.read_text()):
        if not re.match(r"[a-z]+:", address):
            yield address


def anchors_of(document: Path) -> set[str]:
    """Where addresses may lead within it, as Markdown makes them of titles."""
    titles = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def is_dead(document: Path, address: str) -> bool:
    path, _, anchor = address.partition("#")
    target = (document.parent / path).resolve() if path else document
    return not target.exists() or bool(anchor and target.suffix == ".md" and anchor not in anchors_of(target))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_link_is_dead(document):
    assert [address for address in links_of(document) if is_dead(document, address)] == []


def test_the_readme_leads_to_every_guide():
    linked = set(links_of(ROOT / "README.md"))
    assert {f"docs/guides/{path.name}" for path in (ROOT / "docs/guides").glob("*.md")} - linked == set()


def test_the_index_of_decisions_has_each_once_and_in_order():
    assert [link for link in links_of(ROOT / "docs/adr/README.md") if link.startswith("0")] == DECISIONS


@pytest.mark.parametrize("command", COMMANDS)
def test_the_table_of_commands_has_each(command):
    rows = re.findall(r"^\| (.*?) \| ", (ROOT / "docs/guides/operations.md").read_text(), re.MULTILINE)
    assert any(re.search(rf"`{command}\b", row) for row in rows)
