"""Whatever goes wrong with a mailbox is told in the reader's language: every sentence of the package, values kept."""

import ast
import re
import ssl
from pathlib import Path

import pytest

from inbox_agent.domain import errors
from inbox_agent.mailbox.failure import explain
from inbox_agent.mailbox.server import Server
from web.mailbox_sentences import SENTENCES as MAILBOX_SENTENCES
from web.sentences import SENTENCES, translated
from web.translation import interfaces

MAILBOX = Path(__file__).parents[2] / "inbox_agent/mailbox"
ERRORS = {
    name
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, (errors.MailboxError, errors.SettingsError))
} | {"GraphRefusal"}
SERVER = Server("outgoing mail server", "smtp.example.org", 587, "debiteuren", "debiteuren@x", "env:WOORD")


def bare(sentence: str) -> str:
    """With `{}` for whatever stands in its place, one for several in a row."""
    return re.sub(r"(\{\} ?)+\{\}", "{}", re.sub(r"\{\w*\}", "{}", sentence))


def text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return bare(node.value)
    if isinstance(node, ast.JoinedStr):
        return bare("".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values))
    return ""


def sentences(path: Path) -> set[str]:
    """Those given to errors, and literals that read like one; without docstrings and what `check` and a sign-in tell."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    aside: set[int] = set()
    for node in ast.walk(tree):
        told = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "show"
        if told or (isinstance(node, ast.FunctionDef) and node.name == "check"):
            aside |= {id(part) for part in ast.walk(node)}
        if isinstance(node, ast.JoinedStr):
            aside |= {id(part) for part in node.values}
        if isinstance(node, ast.Expr):
            aside.add(id(node.value))
    found = set()
    for node in ast.walk(tree):
        if id(node) in aside:
            continue
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS and node.args:
            found.add(text(node.args[0]))
        if re.match(r"[A-Z].* .*(\.$|\. .{10})", literal := text(node), re.DOTALL):
            found.add(literal)
    return found - {""}


@pytest.mark.parametrize(
    "path", [path for path in sorted(MAILBOX.glob("*.py")) if path.stem != "graph_check"], ids=lambda path: path.stem
)
def test_every_sentence_about_a_mailbox_can_be_translated(path: Path) -> None:
    """A new one goes into web/mailbox_sentences.py, and its Dutch into messages.po."""
    assert sentences(path) - {bare(sentence) for sentence in SENTENCES} == set()


def test_no_sentence_is_taken_for_another() -> None:
    dutch = interfaces()["nl"]
    for msgid in MAILBOX_SENTENCES:
        values = [f"waarde{number}" for number in range(msgid.count("{}"))]
        assert translated(msgid.format(*values), dutch) == dutch._(msgid).format(*values)


def test_parts_and_sentences_within_a_sentence_are_translated_too() -> None:
    dutch = interfaces()["nl"]
    lost = explain(ConnectionResetError(), SERVER).sentence
    assert translated(f"{lost} The reply was not sent.", dutch) == (
        "De verbinding met de server voor uitgaande mail smtp.example.org (postvak debiteuren) is verbroken. "
        "Bij de volgende poging wordt ze hersteld. Het antwoord is niet verstuurd."
    )
    expired = ssl.SSLCertVerificationError("no")
    expired.verify_code = 10
    assert translated(explain(expired, SERVER).sentence, dutch) == (
        "Het certificaat van de server voor uitgaande mail smtp.example.org (postvak debiteuren) is verlopen. "
        "Laat de beheerder van de server het vernieuwen."
    )


def test_names_are_left_as_they_are() -> None:
    told = "There is no folder encrypted in mailbox empty. There are: INBOX, Sent. Correct the option folders; "
    shown = translated(f"{told}a folder in a folder is written as `Inbox/Name`.", interfaces()["nl"])
    assert "Er is geen map encrypted in postvak empty. Er zijn: INBOX, Sent." in shown
