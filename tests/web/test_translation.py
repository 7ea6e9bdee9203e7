"""Every sentence of the pages exists in every interface language; a new one names itself here."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from inbox_agent.domain.act import LinkReason
from inbox_agent.domain.taxonomy import DisputeReason, Intent, Language, RecordType, Tone
from inbox_agent.domain.text import PartKind
from inbox_agent.domain.verdict import Severity
from inbox_agent.review.states import MailState, ProposalState, ReplyState, Role
from inbox_agent.review.views import QueueView
from web.labels import label
from web.sentences import SENTENCES, translated
from web.translation import LOCALES, REGIONS, interfaces

ROOT = Path(__file__).parents[2]


def msgids() -> set[str]:
    found = extract_from_dir(
        ROOT / "web",
        method_map=[("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")],
        options_map={"**.html": {"silent": "false"}},
        keywords={"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)},
    )
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def catalog(code: str) -> dict[str, str]:
    with (LOCALES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {
            (entry.id if isinstance(entry.id, str) else entry.id[0]): (
                entry.string[0] if isinstance(entry.string, tuple) else entry.string
            )
            for entry in read_po(file, locale=code)
            if entry.id
        }


@pytest.mark.parametrize("code", [code for code in REGIONS if code != "en"])
def test_every_sentence_is_translated(code: str) -> None:
    known = catalog(code)
    assert sorted(msgid for msgid in msgids() if not known.get(msgid)) == []
    assert sorted(set(known) - msgids()) == [], "translated, but no longer used"


@pytest.mark.parametrize("code", [code for code in REGIONS if code != "en"])
def test_translations_keep_their_places(code: str) -> None:
    for msgid, sentence in catalog(code).items():
        assert set(re.findall(r"%\(\w+\)s|\{\}", msgid)) == set(re.findall(r"%\(\w+\)s|\{\}", sentence)), msgid
        assert msgid.count("{}") == sentence.count("{}"), msgid


@pytest.mark.parametrize(
    "members",
    [Intent, DisputeReason, Tone, Language, RecordType, PartKind, LinkReason, MailState, ProposalState, ReplyState, Role,
     QueueView, Severity],
)  # fmt: skip
def test_every_member_has_a_word(members: type) -> None:
    assert all(label(member) for member in members)


def raised(path: Path) -> set[str]:
    """Sentences given to the product's errors or yielded as warnings, with `{}` for values."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        value = None
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"NotAllowed", "Conflict"} and node.args:
            value = node.args[0]
        if isinstance(node, ast.Yield):
            value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            found.add(value.value)
        if isinstance(value, ast.JoinedStr):
            found.add("".join(part.value if isinstance(part, ast.Constant) else "{}" for part in value.values))
    return found


@pytest.mark.parametrize(
    "name",
    [
        "inbox_agent/review/decide.py",
        "inbox_agent/review/threads.py",
        "inbox_agent/review/recipients.py",
        "inbox_agent/review/composing.py",
        "inbox_agent/review/outbox.py",
        "inbox_agent/review/files.py",
        "inbox_agent/review/signature.py",
        "drafting/cautions.py",
    ],
)
def test_what_controllers_are_told_by_other_packages_can_be_translated(name: str) -> None:
    def bare(sentence: str) -> str:
        return re.sub(r"\{\}( \{\})*", "{}", sentence)

    assert {bare(sentence) for sentence in raised(ROOT / name)} - {bare(sentence) for sentence in SENTENCES} == set()


def test_values_and_intents_inside_a_sentence() -> None:
    dutch = interfaces()["nl"]
    assert translated("Invoice 20261 has nothing open, yet the mail has a promise to pay on it.", dutch) == (
        "Op factuur 20261 staat niets open, maar de mail bevat er een betaalbelofte over."
    )
    assert translated("Something nobody translated.", dutch) == "Something nobody translated."
