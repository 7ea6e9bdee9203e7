"""Subjects of one case are one key, whatever mail programs put before them; subjects that say nothing are none."""

import pytest

from inbox_agent.domain.subject import subject_key


@pytest.mark.parametrize(
    "subject",
    [
        "Levering Zwolle 26700001",
        "Re: Levering Zwolle 26700001",
        "RE[2]: levering   zwolle 26700001",
        "AW: WG: Re: Levering Zwolle 26700001",
        "Antw: Fwd: Levering Zwolle 26700001",
        "[EXTERN] RE: Levering Zwolle 26700001",
        "FW: [External] TR : Levering\r\n Zwolle 26700001",
        "Réf: R: SV: VS: Doorst: Levering Zwolle 26700001",
    ],
)
def test_marks_of_mail_programs_are_no_part_of_it(subject: str) -> None:
    assert subject_key(subject) == "levering zwolle 26700001"


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "Re:",
        "Factuur",
        "RE: Openstaande facturen",
        "Vraag over uw factuur",
        "Invoice",
        "Mahnung",
        "Fw: facture impayée",
        "?!",
    ],
)
def test_what_half_of_the_mailbox_is_called_tells_no_case(subject: str) -> None:
    assert subject_key(subject) == ""


@pytest.mark.parametrize("subject", ["Restitutie: graag", "Recht op korting", "Retour: pallets", "Infor: update"])
def test_words_that_begin_like_a_mark_stay(subject: str) -> None:
    assert subject_key(subject) == subject.lower()


def test_it_is_bounded() -> None:
    assert len(subject_key("Re: " * 5000 + "x")) <= 200
    assert len(subject_key("woord " * 5000)) <= 200
