"""Verdicts on the page: their words in every interface language, beside their field, and inert whatever they hold."""

from datetime import date

import pytest

from inbox_agent import db
from inbox_agent.domain.act import Act, Entity, Evidence, InvoiceLink, LinkReason
from inbox_agent.domain.ledger import Customer
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import EntityKind, Intent
from inbox_agent.domain.verdict import Severity, Verdict, VerdictField, VerdictKind
from web.rendering import environment
from web.translation import interfaces

SANNE, LENA = "sanne@office.example", "lena@office.example"
TEXT = "Wij betalen 20261001 op 15 februari 2027: 700 euro. Factuur 20265555 en 20267777 kennen wij niet."


def words(verdict: Verdict, language: str = "nl") -> str:
    return environment(interfaces()[language], {}).filters["verdict"](verdict).replace("\xa0", " ")


def of(kind: VerdictKind, field: VerdictField = VerdictField.AMOUNT, **figures) -> Verdict:
    return Verdict(field, kind, Severity.PROBLEM, **figures)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", VerdictKind)
def test_every_kind_has_words_without_holes(kind: VerdictKind, language: str) -> None:
    bare, full = of(kind), of(kind, number="1", expected=Money(100), by=Money(-5), numbers=("1", "2"), days=3, limit=2,
                              on=date(2026, 11, 3), customer=Customer("1", "Boer"), written="I")  # fmt: skip
    for verdict in (bare, full):
        assert words(verdict, language)
        assert "%(" not in words(verdict, language)
    assert "None" not in words(full, language)


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (of(VerdictKind.PAID), "betaald"),
        (of(VerdictKind.PAID, on=date(2026, 11, 3)), "betaald op 3 nov 2026"),
        (of(VerdictKind.PARTLY_PAID, by=Money(40_000)), "deels betaald: € 400,00"),
        (of(VerdictKind.UNKNOWN, VerdictField.INVOICE), "onbekend"),
        (of(VerdictKind.UNKNOWN, VerdictField.NUMBER), "niet in de administratie"),
        (of(VerdictKind.OTHER_CUSTOMER, customer=Customer("2", "Zon BV")), "van een andere klant: Zon BV"),
        (
            of(VerdictKind.OTHER_CUSTOMER, customer=Customer("2", "Zon BV"), written="2699"),
            "zoals geschreven (2699) van een andere klant: Zon BV",
        ),
        (of(VerdictKind.AMOUNT_MATCHES_OPEN, expected=Money(100)), "wat openstaat"),
        (of(VerdictKind.AMOUNT_MATCHES_OPEN, expected=Money(100), by=Money(-5)), "wat openstaat, op € 0,05 na"),
        (
            of(VerdictKind.AMOUNT_DIFFERS, expected=Money(88_050), by=Money(-18_050)),
            "€ 180,50 minder dan de € 880,50 in de administratie",
        ),
        (
            of(VerdictKind.AMOUNT_DIFFERS, expected=Money(88_050), by=Money(18_050)),
            "€ 180,50 meer dan de € 880,50 in de administratie",
        ),
        (of(VerdictKind.AMOUNT_IS_SUM_OF, numbers=("1",)), "het bedrag van 1"),
        (of(VerdictKind.AMOUNT_IS_SUM_OF, numbers=("1", "2")), "de som van 1 en 2"),
        (of(VerdictKind.AMOUNT_IS_SUM_OF, numbers=tuple("1234")), "de som van 4 posten"),
        (of(VerdictKind.PROMISE_BEYOND_POLICY, days=83, limit=30), "83 dagen na de mail; hoogstens 30"),
    ],
)
def test_words_with_their_figures(verdict: Verdict, said: str) -> None:
    assert words(verdict) == said


def evidence(quote: str) -> Evidence:
    return Evidence(quote, TEXT.index(quote), TEXT.index(quote) + len(quote))


@pytest.fixture
def mail(office) -> int:
    """A promise of 700 of 1 248 euro, 83 days ahead; another customer's number, and one that nobody has."""
    with db.writing(office.engine) as session:
        office.customer(session, 2, "D10002", "<b>Zon</b> & Zonen")
        office.invoice(session, 2, "20265555", date(2026, 11, 1), 50_000, 50_000)
    link = InvoiceLink("20261001", LinkReason.NUMBER, "20261001")
    said = evidence("Wij betalen 20261001 op 15 februari 2027: 700 euro")
    promise = Act(Intent.PROMISE_TO_PAY, said, (link,), None, Money(70_000), date(2027, 2, 15))
    entities = [Entity(EntityKind.INVOICE_NUMBER, evidence(number)) for number in ("20261001", "20265555", "20267777")]
    return office.mail(TEXT, acts=(promise,), entities=entities, draft="Beste Piet,\n\nDank u.")


def test_each_field_with_its_verdict(browse, mail) -> None:
    answer = browse(SANNE).get(f"/mails/{mail}")
    shown = answer.context["shown"]
    (row,) = shown.acts
    assert [one.kind for one in row.rows[0].verdicts] == [VerdictKind.OPEN]
    assert [one.kind for one in row.amount] == [VerdictKind.AMOUNT_DIFFERS]
    assert [one.kind for one in row.date] == [VerdictKind.PROMISE_BEYOND_POLICY]
    assert [(one.number, one.kind) for one in shown.numbers] == [
        ("20265555", VerdictKind.OTHER_CUSTOMER),
        ("20267777", VerdictKind.UNKNOWN),
    ]
    page = answer.text.replace("\xa0", " ")
    for said in ("€ 548,00 minder dan de € 1.248,00 in de administratie", "83 dagen na de mail; hoogstens 30"):
        assert page.count(said) == 2, "once to be read, once as title"
    assert 'aria-label="Probleem"' in page
    assert 'aria-label="Klopt"' in page


def test_another_customer_is_named_to_the_controller_and_inert(browse, mail) -> None:
    page = browse(LENA).get(f"/mails/{mail}").text
    assert "another customer&#39;s: &lt;b&gt;Zon&lt;/b&gt; &amp; Zonen" in page
    assert "<b>Zon" not in page
    draft = page[page.index("<textarea") : page.index("</textarea>")]
    assert "Zon" not in draft


def test_whose_number_it_is_helps_while_nobody_knows_who_writes(browse, office, mail) -> None:
    entities = [Entity(EntityKind.INVOICE_NUMBER, evidence(number)) for number in ("20265555", "20267777")]
    answer = browse(LENA).get(f"/mails/{office.mail(TEXT, entities=entities, customer=None)}")
    assert [(one.number, one.severity) for one in answer.context["shown"].numbers] == [
        ("20265555", Severity.INFO),
        ("20267777", Severity.PROBLEM),
    ]
    assert "belongs to &lt;b&gt;Zon" in answer.text
    assert "another customer&#39;s" not in answer.text


def test_a_problem_blocks_nothing(browse, office, mail) -> None:
    browser = browse(SANNE)
    form = {"csrf_token": browser.csrf, "version": 1, "action": "quiet", "record": ["promise:1"]}
    assert browser.post(f"/mails/{mail}/approve", data=form).status_code == 303
    assert "vastgelegd" in browser.get(f"/mails/{mail}").text


def test_the_policy_of_the_house_counts(browse, mail) -> None:
    answer = browse(SANNE, promise_days=90).get(f"/mails/{mail}")
    assert [one.kind for one in answer.context["shown"].acts[0].date] == [VerdictKind.FINE]


def test_many_unlinked_numbers_are_cut(browse, office) -> None:
    text = " ".join(f"2027{number:04}" for number in range(40))
    entities = [Entity(EntityKind.INVOICE_NUMBER, Evidence(one, 0, len(one))) for one in text.split()]
    page = browse(SANNE).get(f"/mails/{office.mail(text, entities=entities)}").text
    assert page.count("niet in de administratie</span>") == 20
    assert "en nog 20" in page
