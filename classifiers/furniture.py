"""What stands around what is said: greetings, closings, empty subjects, heads of quotes. Invented names only."""

import random

from inbox_agent.domain.taxonomy import Language

GREETINGS: dict[Language, tuple[str, ...]] = {
    Language.NL: (
        "Beste,\n\n",
        "Hoi,\n",
        "Geachte heer/mevrouw,\n\n",
        "Goedemiddag,\n\n",
        "Dag Ilse,\n",
        "L.S.,\n\n",
        "Goedemorgen debiteurenbeheer,\n\n",
    ),
    Language.EN: (
        "Hi,\n\n",
        "Hello team,\n\n",
        "Dear Sirs,\n\n",
        "Good morning,\n",
        "Hi Tom,\n",
        "Dear Accounts,\n\n",
        "Hello dear,\n",
    ),
    Language.DE: (
        "Hallo,\n\n",
        "Sehr geehrte Damen und Herren,\n\n",
        "Guten Tag,\n\n",
        "Guten Morgen Frau Kern,\n",
        "Moin,\n",
        "Grüezi,\n\n",
    ),
    Language.FR: (
        "Bonjour,\n\n",
        "Madame, Monsieur,\n\n",
        "Bonjour Claire,\n",
        "Chère Madame,\n\n",
        "Bonjour à vous,\n",
    ),
}

CLOSINGS: dict[Language, tuple[str, ...]] = {
    Language.NL: (
        "Met vriendelijke groet,",
        "Groet,",
        "Mvg",
        "Hoogachtend,",
        "Groetjes,",
        "Verzonden vanaf mijn iPhone",
    ),
    Language.EN: (
        "Kind regards,",
        "Thanks,",
        "Best,",
        "Yours faithfully,",
        "Rgds",
        "Sent from my iPhone",
        "Thanking you,",
    ),
    Language.DE: ("Mit freundlichen Grüßen", "Viele Grüße", "MfG", "Freundliche Grüsse", "Von meinem iPhone gesendet"),
    Language.FR: ("Cordialement,", "Bien cordialement,", "Cdt", "Salutations distinguées,", "Envoyé de mon iPhone"),
}

_NAMES = (
    "J. de Wit",
    "Marieke",
    "T. Osei",
    "Agnes Lund",
    "H. Brandl",
    "Lucie F.",
    "Sanne Kuipers",
    "R. Patel",
    "Ewa",
    "Gilles Martel",
)
_FIRMS = (
    "Administratie",
    "Accounts Payable",
    "Kreditorenbuchhaltung",
    "Service comptabilité",
    "Finance",
    "Boekhouding",
    "Crediteuren",
)

SUBJECTS = (
    "Re: factuur",
    "RE: Invoice",
    "AW: Rechnung",
    "Re: facture",
    "Vraag",
    "FW:",
    "hallo",
    "Re: herinnering",
    "RE: overdue",
    "(geen onderwerp)",
)

QUOTE_HEADS = (
    "-----Oorspronkelijk bericht----- Van: Debiteuren",
    "From: Accounts Receivable Sent: Monday",
    "Von: Buchhaltung Gesendet: Dienstag",
    "De : Comptabilité clients Envoyé : lundi",
    "On Tue, Credit Control wrote: >",
    "Op 3 mrt schreef Debiteuren: >",
)


def closing(language: Language, rng: random.Random) -> str:
    """A closing formula with a name, sometimes a department."""
    lines = [rng.choice(CLOSINGS[language]), rng.choice(_NAMES)]
    return "\n".join(lines + ([rng.choice(_FIRMS)] if rng.random() < 0.4 else []))
