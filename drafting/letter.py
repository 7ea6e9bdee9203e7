"""Sets a letter from the templates of one language: greeting, a paragraph set per intent, what is missing, closing.

Templates are `templates/<code>/<intent>.txt` with `_missing.txt` and `_frame.txt`. In a paragraph every sentence may stand
on its own line; lines are joined here. Lines that start with "- " stay lines. Values are inserted, never read as templates.
"""

import re
from functools import cache

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from drafting.facts import Facts
from drafting.language import TEMPLATES, day, joined, money, named, table
from inbox_agent.domain.ledger import Invoice
from inbox_agent.domain.taxonomy import Language


@cache
def environment(language: Language) -> ImmutableSandboxedEnvironment:
    """The sandbox for one language's templates, with that language's filters."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES / language.value),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "money": lambda amount: money(amount, language),
        "day": lambda on: day(on, language),
        "joined": lambda parts: joined(parts, language),
        "named": lambda invoices: named(invoices, language),
        "table": lambda invoices: table(invoices, language),
        "opening": _opening,
    }
    made.tests["single"] = _single
    return made


def letter(facts: Facts) -> str:
    """The body of the reply. Raises `jinja2.TemplateNotFound` when an intent has no template in this language."""
    jinja = environment(facts.language)
    parts = [
        jinja.get_template(f"{intent.value}.txt").render(acts=facts.about(intent), facts=facts)
        for intent in facts.intents
    ]
    parts.append(jinja.get_template("_missing.txt").render(facts=facts))
    paragraphs = "\n\n".join(filter(None, map(flowed, parts)))
    framed = jinja.get_template("_frame.txt").render(facts=facts, paragraphs=paragraphs)
    return re.sub(r"\n{3,}", "\n\n", framed).strip() + "\n"


def flowed(text: str) -> str:
    """Sentences on lines of their own as running paragraphs; blank lines part paragraphs, list rows stay rows."""
    paragraphs: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        rows = [line for line in lines if line.startswith("- ")]
        if rows and rows == lines:
            paragraphs.append("\n".join(rows))
        elif lines:
            paragraphs.append(" ".join(lines))
    return "\n\n".join(dict.fromkeys(paragraphs))


def _opening(text: str) -> str:
    """`text` with its first letter as at the start of a sentence."""
    return text[:1].upper() + text[1:]


def _single(invoices: tuple[Invoice, ...]) -> bool:
    return len(invoices) == 1
