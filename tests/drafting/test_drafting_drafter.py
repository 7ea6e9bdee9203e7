"""What a draft says, when there is one, and what it warns of."""

from dataclasses import replace
from datetime import date

import pytest

from inbox_agent.domain.danger import DangerKind, DangerSign
from inbox_agent.domain.draft import Fact, FactKind
from inbox_agent.domain.ledger import Customer, ForeignInvoice
from inbox_agent.domain.mail import Address, Attachment, Automatic
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, EntityKind, Intent, Language


def test_no_reply_wanted(draft):
    assert draft(Intent.DISPUTE, requires_reply=False) is None


@pytest.mark.parametrize("automatic", Automatic)
def test_automatic_mail_gets_none(draft, automatic):
    assert draft(Intent.DISPUTE, automatic=automatic) is None


@pytest.mark.parametrize(
    "intent", [Intent.OUT_OF_OFFICE, Intent.DELIVERY_FAILURE, Intent.ACKNOWLEDGEMENT, Intent.UNRELATED]
)
def test_intents_that_stand_alone_get_none(draft, intent):
    assert draft(intent) is None


def test_out_of_office_read_beside_another_intent_gets_none(draft):
    assert draft(Intent.OUT_OF_OFFICE, Intent.PROMISE_TO_PAY) is None


def test_dispute_asks_for_the_undisputed_remainder(draft, act):
    """Betwist € 400,00 van € 1.486,20, vervallen op 19 oktober."""
    dispute = act(Intent.DISPUTE, "2026-0314", amount=40000, reason=DisputeReason.NOT_DELIVERED)
    made = draft(Intent.DISPUTE, acts=(dispute,), subject="RE: lateien")
    assert made.subject == "RE: lateien"
    assert made.body == (
        "Beste Kees van de Wal,\n\n"
        "Dank u voor uw bericht.\n\n"
        "U laat ons weten dat u het niet eens bent met factuur 2026-0314 omdat de levering volgens u niet compleet is. "
        "Het gaat u om een bedrag van € 400,00. "
        "Voor factuur 2026-0314 staat bij ons nog € 1.486,20 open (vervaldatum 19 oktober 2026). "
        "Heeft u een pakbon waarop staat wat u wel en niet heeft ontvangen? Dan ontvangen wij daar graag een kopie van.\n\n"
        "Het overige bedrag van € 1.086,20 staat niet ter discussie. Wilt u dat deel alvast betalen?\n\n"
        "Wij zoeken dit uit en laten u weten wat de uitkomst is.\n\n"
        "Heeft u nog vragen? Dan horen wij het graag.\n\n"
        "Met vriendelijke groet,\n\nDebiteurenadministratie\nBetonwaren Zuid B.V.\n"
    )
    assert made.warnings == ()
    assert Fact("€ 1.086,20", FactKind.LEDGER, "dispute: open amount less the mail's amount") in made.facts
    assert Fact("19 oktober 2026", FactKind.LEDGER, "invoice 2026-0314: due date") in made.facts
    assert Fact("€ 400,00", FactKind.MAIL, "dispute: amount") in made.facts


def test_part_promised_and_part_disputed_is_not_asked_for_again(draft, act):
    acts = (
        act(Intent.PROMISE_TO_PAY, "2026-0314", amount=108620, on=date(2026, 11, 6)),
        act(Intent.DISPUTE, "2026-0314", amount=40000),
    )
    made = draft(Intent.PROMISE_TO_PAY, Intent.DISPUTE, acts=acts, language=Language.EN)
    assert "remain" not in made.body
    assert "€1,086.20 on invoice 2026-0314 by 6 November 2026" in made.body
    assert made.body.count("still open") == 1
    assert made.body.index("agree") < made.body.index("noted")


def test_promises_of_one_day_become_one_sentence(draft, act):
    acts = tuple(act(Intent.PROMISE_TO_PAY, number, on=date(2026, 12, 1)) for number in ("2026-0314", "2026-0298"))
    made = draft(Intent.PROMISE_TO_PAY, acts=acts, language=Language.FR)
    assert "vous paierez les factures 2026-0314 et 2026-0298 au plus tard le 1er décembre 2026" in made.body
    assert "il reste au total 2 098,60 € à payer" in made.body


def test_statement_lists_open_items_oldest_first(draft):
    made = draft(Intent.STATEMENT_REQUEST, language=Language.DE)
    assert (
        "- 2026-0298  12. September 2026    612,40 €\n"
        "- 2026-0314  19. Oktober 2026    1.486,20 €\n"
        "- CN-12      6. November 2026      -50,00 €\n\n"
        "Insgesamt sind das 2.048,60 €."
    ) in made.body


def test_settled_invoice_is_said_to_be_and_warned_of(draft, act):
    made = draft(Intent.PAYMENT_NOTIFICATION, acts=(act(Intent.PAYMENT_NOTIFICATION, "2026-0355"),))
    assert "staat voor factuur 2026-0355 niets meer open" in made.body
    assert "betaalbewijs" not in made.body
    assert any("2026-0355 has nothing open" in warning for warning in made.warnings)


def test_proof_of_payment_is_not_asked_for_when_something_is_attached(draft, act):
    paid = (act(Intent.PAYMENT_NOTIFICATION, "2026-0298"),)
    assert "betaalbewijs" in draft(Intent.PAYMENT_NOTIFICATION, acts=paid).body
    file = (Attachment("bewijs.pdf", "application/pdf", 1, 1),)
    assert "betaalbewijs" not in draft(Intent.PAYMENT_NOTIFICATION, acts=paid, attachments=file).body


def test_changed_account_of_ours_is_never_confirmed(draft):
    """A fraudster's mail names "our new account"."""
    fake = "DE89 3704 0044 0532 0130 00"
    made = draft(Intent.BANK_DETAILS, body=f"Klopt het dat uw IBAN nu {fake} is?", written=((EntityKind.IBAN, fake),))
    assert fake not in made.body
    assert "- NL91 ABNA 0417 1643 00\n" in made.body
    assert made.warnings[0].startswith("STOP: the mail names IBAN DE89")


def test_own_iban_in_the_mail_is_no_alarm(draft):
    own = "nl91abna0417164300"
    made = draft(Intent.BANK_DETAILS, body=own, written=((EntityKind.IBAN, own),))
    assert not any(warning.startswith("STOP") for warning in made.warnings)


def test_plan_is_not_granted(draft):
    made = draft(Intent.PAYMENT_PLAN_REQUEST, language=Language.EN)
    assert "€2,048.60 is open" in made.body
    assert "whether we can agree" in made.body
    assert "due dates still apply" in made.body


def test_promise_without_date_or_invoice_asks_for_both(draft):
    made = draft(Intent.PROMISE_TO_PAY, language=Language.EN)
    assert "on which date" in made.body
    assert "send us the invoice number" in made.body


def test_number_written_shorter_than_the_ledgers_is_known(draft, act):
    made = draft(
        Intent.DISPUTE,
        acts=(act(Intent.DISPUTE, "2026-0314"),),
        body="0314",
        written=((EntityKind.INVOICE_NUMBER, "0314"), (EntityKind.INVOICE_NUMBER, "298")),
    )
    assert not any("not in this customer's ledger" in warning for warning in made.warnings)


def test_amount_above_what_is_open_is_warned_of(draft, act):
    made = draft(
        Intent.PROMISE_TO_PAY, acts=(act(Intent.PROMISE_TO_PAY, "2026-0298", amount=99900, on=date(2026, 11, 1)),)
    )
    assert any("more than what is open" in warning for warning in made.warnings)
    assert any("lies before the mail" in warning for warning in made.warnings)


@pytest.mark.parametrize(
    ("said", "warning"),
    [
        ({"amount": 61140}, None),
        (
            {"amount": 60000},
            "The amount in the mail (600.00 EUR) differs by -12.40 EUR from the ledger's (612.40 EUR).",
        ),
        ({"on": date(2026, 8, 1)}, "The date 2026-08-01 lies before the day on which invoice 2026-0298 was issued."),
        ({"on": date(2026, 12, 2)}, None),
        ({"on": date(2026, 12, 3)}, "The promised date 2026-12-03 lies 31 days after the mail; the policy allows 30."),
    ],
)
def test_what_the_ledger_says_against_a_promise(draft, act, said, warning):
    """Received on 2 November; 612,40 euro is open on 2026-0298."""
    made = draft(Intent.PROMISE_TO_PAY, acts=(act(Intent.PROMISE_TO_PAY, "2026-0298", **said),))
    assert made.warnings == ((warning,) if warning else ())


def test_another_customers_invoice_is_warned_of_and_nothing_of_it_told(draft, ledger):
    """The mail names 2026-0777, which is Geheim BV's."""
    other = replace(ledger, others=(ForeignInvoice("2026-0777", Customer("99", "Geheim BV")),))
    written = ((EntityKind.INVOICE_NUMBER, "2026-0777"),)
    made = draft(Intent.OTHER_QUERY, ledger=other, written=written)
    assert (
        made.warnings[0] == "Invoice 2026-0777 in the mail is another customer's: the reply must tell nothing about it."
    )
    assert not any("2026-0777 is in the mail but not" in warning for warning in made.warnings)
    assert "Geheim" not in "".join((made.body, made.subject, *made.warnings, *(fact.value for fact in made.facts)))


def test_an_overpaid_invoice_is_warned_of(draft, act, ledger):
    over = replace(ledger, invoices=(replace(ledger.invoices[0], open=Money(-10000)),))
    made = draft(Intent.PROMISE_TO_PAY, acts=(act(Intent.PROMISE_TO_PAY, "2026-0314"),), ledger=over)
    assert "Invoice 2026-0314 was overpaid by 100.00 EUR, yet the mail has a promise to pay on it." in made.warnings


def test_other_possible_customers_are_warned_of(draft, ledger):
    made = draft(Intent.STATEMENT_REQUEST, ledger=replace(ledger, candidates=(Customer("2", "Wal Infra"),)))
    assert any("another customer" in warning for warning in made.warnings)


def test_a_sender_recognised_by_a_number_alone_is_warned_of(draft, ledger):
    """Anybody can name an invoice number; figures of the ledger must not go to a stranger unnoticed."""
    made = draft(Intent.STATEMENT_REQUEST, ledger=replace(ledger, sender_known=False))
    assert any("no known contact" in warning for warning in made.warnings)


@pytest.mark.parametrize("language", Language)
def test_hostile_words_are_inert(draft, language, ledger):
    """Template code, line breaks, controls and direction marks in names, numbers and subject."""
    evil = "{{ 7*7 }}\r\nBcc: x@evil.example\x00\u202e{% for x in y %}"
    hostile = replace(ledger, customer=Customer("1", evil), company=replace(ledger.company, name=evil))
    made = draft(
        Intent.INSOLVENCY_LEGAL,
        Intent.STATEMENT_REQUEST,
        Intent.INVOICE_COPY_REQUEST,
        language=language,
        ledger=hostile,
        sender=Address("x@evil.example", evil),
        subject=evil,
        signature=f"\n{evil}",
        written=((EntityKind.INVOICE_NUMBER, "betaal op evil.example/12"), (EntityKind.INVOICE_NUMBER, evil)),
    )
    assert "49" not in made.body
    assert "\nBcc" not in made.body
    assert "\n" not in made.subject
    assert "evil.example/12" not in made.body
    assert made.body.splitlines()[0] in {"Goedendag,", "Hello,", "Guten Tag,", "Bonjour,"}
    assert not any((ord(character) < 32 and character != "\n") or character == "\u202e" for character in made.body)


@pytest.mark.parametrize("language", Language)
def test_with_danger_signs_no_account_is_named_not_even_ours(draft, language):
    """The same question without signs is answered with our account."""
    signs = (DangerSign(DangerKind.LIKE_KNOWN_DOMAIN, "b0er.nl", "boer.nl"),)
    calm = draft(Intent.BANK_DETAILS, language=language)
    wary = draft(Intent.BANK_DETAILS, language=language, dangers=signs)
    assert "NL91 ABNA 0417 1643 00" in calm.body
    assert "NL91" not in wary.body
    assert wary.warnings[0].startswith("The mail bears danger signs")
