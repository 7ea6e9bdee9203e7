"""Where an intent is said: by what the classifier saw, by cues alone, and in how many places."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.cues import Cues, cues
from extractors.nlp import Sentences
from extractors.places import Places, bare
from extractors.reading import Reading
from extractors.segments import new_sentences, source_of
from extractors.units import Unit, Units, topics
from inbox_agent.domain.act import Evidence, Source
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.taxonomy import Intent, Language, Tone
from inbox_agent.domain.triage import Classification, IntentScore

RECEIVED = datetime(2025, 3, 12, 9, tzinfo=UTC)
SENTENCES, READING, UNITS, PLACES = Sentences(), Reading(), Units(), Places()


def mail_of(text: str, subject: str = "") -> Mail:
    return Mail(RECEIVED, RECEIVED.date(), Address("jan@deboer.nl", "Jan"), subject, text)


def units_of(mail: Mail) -> list[Unit]:
    text = READING.read(mail)
    return UNITS.cut(mail.text, new_sentences(text, SENTENCES, text.language))


def find(mail: Mail, *scores: IntentScore, named: str = "") -> list[tuple[Intent, str]]:
    """The places of the intents; every number that begins with `named` is one of the ledger's."""
    units = units_of(mail)
    words = [{word for word in mail.text[one.start : one.end].split() if named and named in word} for one in units]
    found = PLACES.find(mail, units, words, Classification(scores, Tone.NEUTRAL, True, 1.0, "test"))
    return [(intent, place.text) for intent, place in found]


def seen(text: str, words: str, strength: float) -> Evidence:
    return Evidence(words, text.index(words), text.index(words) + len(words), strength=strength)


@pytest.mark.parametrize(
    ("text", "language", "units"),
    [
        ("Betaald op 2 mei; de rest volgt later.", Language.NL, ["Betaald op 2 mei", "de rest volgt later."]),
        (
            "We have paid 118 but 119 is wrong, and please send 120.",
            Language.EN,
            ["We have paid 118", "but 119 is wrong", "and please send 120."],
        ),
        (
            "DW 313: Farbe falsch\nDW 314 zahlen wir am 31.3.",
            Language.DE,
            ["DW 313: Farbe falsch", "DW 314 zahlen wir am 31.3."],
        ),
        (
            "La facture du mois de mars que vous citez plus haut est\nbien payée.",
            Language.FR,
            ["La facture du mois de mars que vous citez plus haut est\nbien payée."],
        ),
    ],
    ids=["semicolon", "joining words", "lines", "wrapped line"],
)
def test_units(text: str, language: Language, units: list[str]) -> None:
    cut = UNITS.cut(text, list(SENTENCES.split(text, 0, len(text), language)))
    assert [text[one.start : one.end] for one in cut] == units


def test_a_topic_ends_at_a_line_and_at_another_invoice() -> None:
    text = "118 klopt niet. Te duur. 119 betalen we. Morgen.\nGroeten uit Lier."
    cut = UNITS.cut(text, list(SENTENCES.split(text, 0, len(text), Language.NL)))
    named = [{word for word in ("118", "119") if word in text[one.start : one.end]} for one in cut]
    assert topics(text, cut, named) == [0, 0, 1, 1, 2]


@pytest.mark.parametrize(
    ("text", "intent", "place"),
    [
        (
            "Dag Els,\n\nDank voor je bericht van maandag. Kun je mij een kopie van de factuur sturen? Het is hier druk.",
            Intent.INVOICE_COPY_REQUEST,
            "Kun je mij een kopie van de factuur sturen?",
        ),
        (
            "Dear Anna,\n\nThank you for your patience. The invoice was paid yesterday by bank transfer. Have a nice week.",
            Intent.PAYMENT_NOTIFICATION,
            "The invoice was paid yesterday by bank transfer.",
        ),
        (
            "Guten Tag,\n\nich war im Urlaub. Wir überweisen den Betrag am Freitag. Beste Wünsche an das Team.",
            Intent.PROMISE_TO_PAY,
            "Wir überweisen den Betrag am Freitag.",
        ),
        (
            "Bonjour,\n\nJ'ai bien lu votre message. Pourriez-vous m'envoyer un relevé de compte ? Bon courage.",
            Intent.STATEMENT_REQUEST,
            "Pourriez-vous m'envoyer un relevé de compte ?",
        ),
    ],
    ids=["nl", "en", "de", "fr"],
)
def test_an_intent_told_without_a_place_finds_it_by_cues(text: str, intent: Intent, place: str) -> None:
    assert find(mail_of(text), IntentScore(intent, 1.0)) == [(intent, place)]


def test_what_the_classifier_saw_is_the_place() -> None:
    text = "Wij hebben alles bekeken. De kleur is anders dan besteld. Dat is jammer."
    score = IntentScore(Intent.DISPUTE, 0.9, (seen(text, "kleur is anders", 0.9),))
    assert find(mail_of(text), score) == [(Intent.DISPUTE, "kleur is anders")]


def test_two_disputes_in_two_lines_are_two_places() -> None:
    text = "DW-313: de kleur is verkeerd.\nDW-314 betalen we op 31 maart.\nDW-315: de maat klopt niet."
    dispute = IntentScore(
        Intent.DISPUTE, 0.9, (seen(text, "kleur is verkeerd", 0.9),), further=(seen(text, "maat klopt niet", 0.8),)
    )
    promise = IntentScore(Intent.PROMISE_TO_PAY, 0.9, (seen(text, "betalen we op 31 maart", 0.9),))
    assert find(mail_of(text), dispute, promise, named="DW-") == [
        (Intent.DISPUTE, "kleur is verkeerd"),
        (Intent.DISPUTE, "maat klopt niet"),
        (Intent.PROMISE_TO_PAY, "betalen we op 31 maart"),
    ]


def test_a_faint_echo_is_no_second_place() -> None:
    text = "De kleur is verkeerd.\n\nWij hopen op een snelle reactie van uw kant."
    score = IntentScore(
        Intent.DISPUTE, 0.9, (seen(text, "kleur is verkeerd", 0.95),), further=(seen(text, "snelle reactie", 0.06),)
    )
    assert find(mail_of(text), score) == [(Intent.DISPUTE, "kleur is verkeerd")]


def test_a_request_is_said_once() -> None:
    text = "Stuur mij de kopie van DW-313.\nEn stuur mij de kopie van DW-315."
    spans = (seen(text, "Stuur mij de kopie", 0.9), seen(text, "stuur mij de kopie", 0.9))
    assert len(find(mail_of(text), IntentScore(Intent.INVOICE_COPY_REQUEST, 0.9, spans), named="DW-")) == 1


def test_the_subject_is_the_place_when_the_text_says_nothing() -> None:
    mail = mail_of("Groeten uit Lier.", "Graag kopie factuur DW-313")
    evidence = Evidence("kopie factuur DW-313", 6, 26, Source.SUBJECT, strength=0.9)
    assert find(mail, IntentScore(Intent.INVOICE_COPY_REQUEST, 0.9, (evidence,))) == [
        (Intent.INVOICE_COPY_REQUEST, "kopie factuur DW-313")
    ]
    assert find(mail_of("", "Graag kopie"), IntentScore(Intent.INVOICE_COPY_REQUEST, 0.9)) == [
        (Intent.INVOICE_COPY_REQUEST, "Graag kopie")
    ]


def test_evidence_is_cut_to_its_unit_in_whole_words() -> None:
    text = "De kleur is verkeerd. Wij betalen vrijdag."
    score = IntentScore(Intent.PROMISE_TO_PAY, 0.9, (Evidence(text[18:39], 18, 39, strength=0.9),))
    assert find(mail_of(text), score) == [(Intent.PROMISE_TO_PAY, "Wij betalen vrijdag")]
    assert bare(Evidence(" - betaald, ", 5, 17)) == Evidence("betaald", 8, 15)


def test_cues_know_numbers_by_form() -> None:
    assert {"#d", "#a", "#4", "betaald op", "@first0", "@last1"} <= cues(
        "Betaald op 12/03: € 1.240,00 (4500218837)", 0, 2
    )
    scores = Cues().scores("wir überweisen am Freitag", 0, 1)
    assert max(scores, key=lambda intent: scores[intent]) is Intent.PROMISE_TO_PAY


@settings(deadline=None)
@given(
    st.text(max_size=300), st.text(max_size=30), st.integers(0, 299), st.integers(1, 60), st.sampled_from(list(Intent))
)
def test_places_slice_in_any_text(text: str, subject: str, at: int, length: int, intent: Intent) -> None:
    mail = mail_of(text, subject)
    spans = (Evidence(text[at : at + length], at, at + len(text[at : at + length]), strength=0.4),) if text[at:] else ()
    units = units_of(mail)
    told = Classification(
        (IntentScore(intent, 1.0, spans), IntentScore(Intent.DISPUTE, 1.0)), Tone.NEUTRAL, True, 1.0, ""
    )
    for _, place in PLACES.find(mail, units, [set()] * len(units), told):
        assert source_of(mail, place)[place.start : place.end] == place.text
        assert place.text.strip()


@pytest.mark.parametrize(
    "text", ["a b c, en " * 2_000, "; " * 10_000, "1\n" * 8_000, "x" * 20_000], ids=["joined", "empty", "lines", "word"]
)
def test_long_texts_are_cut_to_their_end(text: str) -> None:
    cut = UNITS.cut(text, [(0, len(text))])
    assert all(one.end <= other.start for one, other in pairwise(cut))
