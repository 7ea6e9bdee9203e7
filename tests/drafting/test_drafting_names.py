"""A greeting names a person, or nobody."""

import pytest

from drafting.names import person, sender_name
from drafting.subject import reply_subject
from inbox_agent.domain.mail import Address
from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.text import MailText, PartKind, TextPart


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Riet Oomen", "Riet Oomen"),
        ("Kees v/d Wal", "Kees v/d Wal"),
        ("Vries, Jan de", "Jan de Vries"),
        ("Dr. Anna-Lena von Weiß", "Anna-Lena von Weiß"),
        ("M. van Dijk (Inkoop)", "M. van Dijk"),
        ("Mevr. A.B. 't Hart", "A.B. 't Hart"),
        ("Liam O'Dowd", "Liam O'Dowd"),
        ("Administratie Oomen", ""),
        ("Accounts Payable", ""),
        ("Woonstichting Eemstreek", ""),
        ("Müller GmbH", ""),
        ("De Jong Dakdekkers", ""),
        ("Coolblue", ""),
        ("PETER JANSEN", ""),
        ("peter jansen", ""),
        ("Team 24", ""),
        ("{{ 7*7 }}", ""),
        ("Jan\nBcc: x", ""),
        ("A" * 300, ""),
        ("", ""),
    ],
)
def test_person(written, name):
    assert person(written) == name


def test_a_part_of_the_customers_name_is_no_person():
    assert person("Bakker Haarlem", "Bakker Haarlem B.V.") == ""


@pytest.mark.parametrize(
    ("sender", "signature", "name"),
    [
        (Address("m.lievense@x.nl", "Marco Lievense"), "", "Marco Lievense"),
        (Address("info@x.nl", "Kozijn Haarlem"), "Met vriendelijke groet,\n\nRiet Oomen\nStraat 1", "Riet Oomen"),
        (Address("info@x.nl", "Kozijn Haarlem"), "Gruß Werner Maier", "Werner Maier"),
        (Address("info@x.nl", "Kozijn Haarlem"), "Groet,\nKozijn Haarlem\nRiet Oomen", "Kozijn Haarlem"),
        (Address("info@x.nl", "Kozijn Haarlem"), "Afdeling Inkoop\nRiet Oomen", ""),
        (Address("info@x.nl"), "", ""),
    ],
)
def test_display_name_must_be_borne_out_by_the_address(sender, signature, name):
    parts = (TextPart(PartKind.NEW, 0, 0), TextPart(PartKind.SIGNATURE, 0, len(signature)))
    assert sender_name(sender, MailText(signature, parts, Language.NL)) == name


@pytest.mark.parametrize(
    ("subject", "reply"),
    [
        ("Factuur", "Re: Factuur"),
        ("RE: Factuur", "RE: Factuur"),
        ("Re: AW: Antw: RE: Factuur", "Re: Factuur"),
        ("AW: [EXT] Rechnung", "AW: [EXT] Rechnung"),
        ("RE : RE : Relance", "RE: Relance"),
        ("Re[2]: x", "Re: x"),
        ("FW: Re: x", "Re: FW: Re: x"),
        ("Reactie: x", "Re: Reactie: x"),
        ("Re: Re: ", "Re: uw bericht"),
        ("", "Re: uw bericht"),
        ("a\r\nBcc: b@c.de", "Re: a Bcc: b@c.de"),
    ],
)
def test_reply_subject(subject, reply):
    assert reply_subject(subject, Language.NL) == reply
