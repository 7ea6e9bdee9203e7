"""What the ledger says of each field of an act: a ledger written out here, one act a row."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from inbox_agent.domain.act import Act, Entity, Evidence, InvoiceLink, LinkReason
from inbox_agent.domain.ledger import Customer, ForeignInvoice, Invoice, InvoiceKind, Ledger
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import EntityKind, Intent
from inbox_agent.domain.triage import Extraction
from inbox_agent.domain.verdict import Policy, Severity, Verdict, VerdictField, VerdictKind, severity
from inbox_agent.domain.verdict_rules import judge

ON = date(2026, 11, 24)
"""A Tuesday."""

OTHER = Customer("20", "Ander BV")
A, PART, PAID, OVER, CREDIT, USED, DOLLAR = "2601", "2602", "2603", "2604", "C1", "C2", "2609"


def invoice(
    number: str, amount: int, open: int, due: date = date(2026, 10, 31), currency: str = "EUR", **more
) -> Invoice:
    return Invoice(number, date(2026, 10, 1), due, Money(amount, currency), Money(open, currency), **more)


LEDGER = Ledger(
    customer=Customer("10", "Eigen BV"),
    invoices=(
        invoice(A, 124_800, 124_800),
        invoice(PART, 100_000, 60_000, date(2027, 1, 31)),
        invoice(PAID, 50_000, 0, paid_on=date(2026, 11, 3)),
        invoice(OVER, 30_000, -5_000),
        invoice(CREDIT, -4_800, -4_800, kind=InvoiceKind.CREDIT_NOTE),
        invoice(USED, -2_000, 0, kind=InvoiceKind.CREDIT_NOTE),
        invoice(DOLLAR, 77_700, 77_700, currency="USD"),
    ),
    others=(ForeignInvoice("2699", OTHER),),
)  # fmt: skip
K, PROMISE, PAYMENT, DISPUTE, PLAN = (
    VerdictKind, Intent.PROMISE_TO_PAY, Intent.PAYMENT_NOTIFICATION, Intent.DISPUTE, Intent.PAYMENT_PLAN_REQUEST,
)  # fmt: skip


def act(intent: Intent, *numbers: str, amount: int | None = None, currency: str = "EUR", on: date | None = None) -> Act:
    links = tuple(InvoiceLink(number, LinkReason.NUMBER, number) for number in numbers)
    money = None if amount is None else Money(amount, currency)
    return Act(intent, Evidence("x", 0, 1), links, amount=money, date=on)


def of(*acts: Act, ledger: Ledger = LEDGER, policy: Policy = Policy()) -> tuple[Verdict, ...]:  # noqa: B008
    """The verdicts of the first act."""
    return judge(Extraction(acts, ()), ledger, ON, policy).acts[0]


def the(field: VerdictField, *acts: Act, **more) -> Verdict:
    """The only verdict on a field of the first act."""
    (found,) = (one for one in of(*acts, **more) if one.field is field)
    return found


def test_every_kind_weighs_something_in_every_intent() -> None:
    assert {severity(kind, intent) for kind in VerdictKind for intent in Intent} == set(Severity)
    assert severity(K.AMOUNT_DIFFERS, PROMISE) is Severity.PROBLEM


@pytest.mark.parametrize(
    ("number", "kind", "expected", "by", "weight"),
    [
        (A, K.OPEN, 124_800, None, Severity.OK),
        (PART, K.PARTLY_PAID, 60_000, 40_000, Severity.INFO),
        (PAID, K.PAID, 0, None, Severity.PROBLEM),
        (OVER, K.OVERPAID, -5_000, 5_000, Severity.PROBLEM),
        (CREDIT, K.CREDIT_NOTE, -4_800, None, Severity.INFO),
        (USED, K.CREDIT_NOTE_USED, 0, None, Severity.PROBLEM),
    ],
)
def test_an_item_as_it_stands(number, kind, expected, by, weight) -> None:
    found = the(VerdictField.INVOICE, act(PROMISE, number))
    assert (found.kind, found.number, found.severity) == (kind, number, weight)
    assert found.expected == Money(expected)
    assert found.by == (None if by is None else Money(by))


def test_a_paid_invoice_is_what_a_payment_notification_says() -> None:
    found = the(VerdictField.INVOICE, act(PAYMENT, PAID))
    assert (found.kind, found.severity, found.on) == (K.PAID, Severity.OK, date(2026, 11, 3))
    assert the(VerdictField.INVOICE, act(Intent.INVOICE_COPY_REQUEST, PAID)).severity is Severity.INFO


def test_an_item_that_is_not_this_customers() -> None:
    assert the(VerdictField.INVOICE, act(DISPUTE, "2650")).kind is K.UNKNOWN
    found = the(VerdictField.INVOICE, act(DISPUTE, "2699"))
    assert (found.kind, found.severity, found.customer) == (K.OTHER_CUSTOMER, Severity.PROBLEM, OTHER)


def test_a_number_taken_for_a_misspelt_one_that_another_customer_owns() -> None:
    """ "2699" was linked to 2609; both verdicts stand."""
    taken = replace(act(DISPUTE), invoices=(InvoiceLink(DOLLAR, LinkReason.NUMBER_VARIANT, "nr 2699"),))
    assert [(one.kind, one.number, one.written) for one in of(taken)] == [
        (K.OPEN, DOLLAR, ""),
        (K.OTHER_CUSTOMER, DOLLAR, "nr 2699"),
    ]
    by_amount = replace(taken, invoices=(InvoiceLink(DOLLAR, LinkReason.AMOUNT, "2699"),))
    assert [one.kind for one in of(by_amount)] == [K.OPEN]


@pytest.mark.parametrize(
    ("intent", "numbers", "amount", "kind", "expected", "by"),
    [
        (PROMISE, (A,), 124_800, K.AMOUNT_MATCHES_OPEN, 124_800, None),
        (PROMISE, (A,), 124_900, K.AMOUNT_MATCHES_OPEN, 124_800, 100),
        (PROMISE, (A,), 124_901, K.AMOUNT_ABOVE_OPEN, 124_800, 101),
        (PROMISE, (A,), 124_700, K.AMOUNT_MATCHES_OPEN, 124_800, -100),
        (PROMISE, (A,), 124_699, K.AMOUNT_DIFFERS, 124_800, -101),
        (PROMISE, (PART,), 60_000, K.AMOUNT_MATCHES_OPEN, 60_000, None),
        (PROMISE, (PART,), 100_000, K.AMOUNT_MATCHES_TOTAL, 100_000, None),
        (PAYMENT, (PART,), 40_000, K.AMOUNT_MATCHES_PAID, 40_000, None),
        (PAYMENT, (PAID,), 50_000, K.AMOUNT_MATCHES_TOTAL, 50_000, None),
        (PAYMENT, (PAID,), 48_000, K.AMOUNT_DIFFERS, 50_000, -2_000),
        (PAYMENT, (PAID,), 52_000, K.AMOUNT_DIFFERS, 50_000, 2_000),
        (DISPUTE, (A,), 12_500, K.AMOUNT_IS_PART, 124_800, -112_300),
        (DISPUTE, (A,), 200_000, K.AMOUNT_ABOVE_OPEN, 124_800, 75_200),
        (PLAN, (A,), 30_000, K.AMOUNT_IS_PART, 124_800, -94_800),
        (PROMISE, (A, PART), 184_800, K.AMOUNT_IS_SUM_OF, 184_800, None),
        (PROMISE, (A, CREDIT), 120_000, K.AMOUNT_IS_SUM_OF, 120_000, None),
        (PAYMENT, (PAID, PART), 110_000, K.AMOUNT_IS_SUM_OF, 110_000, None),
        (PROMISE, (PAID, PART), 110_000, K.AMOUNT_ABOVE_OPEN, 60_000, 50_000),
        (DISPUTE, (CREDIT,), 4_800, K.AMOUNT_MATCHES_OPEN, 4_800, None),
    ],
)  # fmt: skip
def test_an_amount_against_the_acts_own_items(intent, numbers, amount, kind, expected, by) -> None:
    found = the(VerdictField.AMOUNT, act(intent, *numbers, amount=amount))
    assert (found.kind, found.expected, found.by) == (kind, Money(expected), None if by is None else Money(by))


@pytest.mark.parametrize(
    ("numbers", "amount", "together"),
    [
        ((A, PART), 60_000, (PART,)),
        ((A,), 120_000, (A, CREDIT)),
        ((A,), 184_800, (A, PART)),
        ((), 60_000, (PART,)),
        ((), 55_200, (PART, CREDIT)),
        ((), 175_000, (A, PART, OVER, CREDIT)),
    ],
)  # fmt: skip
def test_an_amount_that_other_items_make_up(numbers, amount, together) -> None:
    """One of those named, one set off against a credit note, two together, or everything that is open (in euros)."""
    found = the(VerdictField.AMOUNT, act(PAYMENT, *numbers, amount=amount))
    assert (found.kind, found.severity, set(found.numbers)) == (K.AMOUNT_IS_SUM_OF, Severity.INFO, set(together))


def test_a_sum_counts_only_where_one_choice_fits() -> None:
    twice = replace(LEDGER, invoices=(invoice("1", 100, 100), invoice("2", 100, 100), invoice("3", 500, 500)))
    assert the(VerdictField.AMOUNT, act(PAYMENT, amount=100), ledger=twice).kind is K.AMOUNT_UNMATCHED
    assert the(VerdictField.AMOUNT, act(PAYMENT, amount=600), ledger=twice).kind is K.AMOUNT_UNMATCHED
    assert the(VerdictField.AMOUNT, act(PAYMENT, amount=700), ledger=twice).numbers == ("1", "2", "3")


def test_part_promised_and_part_withheld() -> None:
    promise, dispute = act(PROMISE, A, amount=100_000), act(DISPUTE, A, amount=24_800)
    assert the(VerdictField.AMOUNT, promise, dispute).kind is K.AMOUNT_IS_REST
    assert the(VerdictField.AMOUNT, promise, act(DISPUTE, A, amount=24_801)).kind is K.AMOUNT_DIFFERS
    assert the(VerdictField.AMOUNT, promise, act(DISPUTE, PART, amount=24_800)).kind is K.AMOUNT_DIFFERS


def test_currencies_are_never_mixed() -> None:
    dollars = act(PROMISE, A, amount=124_800, currency="USD")
    found = the(VerdictField.AMOUNT, dollars)
    assert (found.kind, found.expected, found.by) == (K.CURRENCY_DIFFERS, None, None)
    assert the(VerdictField.AMOUNT, act(PROMISE, DOLLAR, amount=77_700, currency="USD")).kind is K.AMOUNT_MATCHES_OPEN
    both = act(PROMISE, A, DOLLAR, amount=77_700, currency="USD")
    assert the(VerdictField.AMOUNT, both).kind is K.AMOUNT_MATCHES_OPEN
    yen = replace(LEDGER, invoices=(invoice(A, 5_000, 5_000, currency="JPY"),))
    near = act(PROMISE, A, amount=5_001, currency="JPY")
    assert the(VerdictField.AMOUNT, near, ledger=yen).kind is K.AMOUNT_MATCHES_OPEN


def test_without_a_ledger_nothing_is_checked() -> None:
    found = the(VerdictField.AMOUNT, act(PROMISE, amount=100), ledger=Ledger())
    assert (found.kind, found.severity) == (K.NOT_CHECKED, Severity.INFO)


@pytest.mark.parametrize(
    ("intent", "numbers", "on", "kinds"),
    [
        (PROMISE, (A,), ON, [K.FINE]),
        (PROMISE, (A,), date(2026, 11, 23), [K.DATE_IN_PAST]),
        (PROMISE, (A,), date(2026, 9, 30), [K.DATE_BEFORE_INVOICE]),
        (PROMISE, (A,), date(2026, 11, 28), [K.DATE_WEEKEND]),
        (PROMISE, (A,), date(2026, 12, 24), [K.FINE]),
        (PROMISE, (A,), date(2026, 12, 25), [K.PROMISE_BEYOND_POLICY]),
        (PROMISE, (A,), date(2026, 12, 27), [K.PROMISE_BEYOND_POLICY, K.DATE_WEEKEND]),
        (PROMISE, (), date(2027, 6, 1), [K.PROMISE_BEYOND_POLICY]),
        (PROMISE, (PART,), date(2027, 1, 29), [K.FINE]),
        (PROMISE, (PART,), date(2027, 2, 1), [K.PROMISE_BEYOND_POLICY]),
        (PLAN, (A,), date(2027, 2, 1), [K.PROMISE_BEYOND_POLICY]),
        (PAYMENT, (A,), date(2026, 11, 21), [K.FINE]),
        (PAYMENT, (A,), ON, [K.FINE]),
        (PAYMENT, (A,), date(2026, 11, 25), [K.DATE_IN_FUTURE]),
        (PAYMENT, (A,), date(2026, 9, 30), [K.DATE_BEFORE_INVOICE]),
        (PAYMENT, (A,), date(2026, 10, 1), [K.FINE]),
        (Intent.OUT_OF_OFFICE, (), date(2026, 11, 29), [K.FINE]),
        (Intent.OUT_OF_OFFICE, (), date(2026, 11, 20), [K.DATE_IN_PAST]),
    ],
)  # fmt: skip
def test_a_date(intent, numbers, on, kinds) -> None:
    found = [one for one in of(act(intent, *numbers, on=on)) if one.field is VerdictField.DATE]
    assert [one.kind for one in found] == kinds


def test_figures_of_a_date() -> None:
    early = the(VerdictField.DATE, act(PAYMENT, A, on=date(2026, 9, 28)))
    assert (early.number, early.on, early.days) == (A, date(2026, 10, 1), 3)
    late = the(VerdictField.DATE, act(PROMISE, A, on=date(2026, 12, 8)), policy=Policy(promise_days=7))
    assert (late.kind, late.days, late.limit) == (K.PROMISE_BEYOND_POLICY, 14, 7)


def test_a_policy_may_take_no_difference() -> None:
    strict = Policy(tolerance=Decimal(0))
    assert the(VerdictField.AMOUNT, act(PROMISE, A, amount=124_799), policy=strict).kind is K.AMOUNT_DIFFERS


def test_numbers_that_led_nowhere() -> None:
    """Written: one of its own, the end of one, one of another customer's (twice, with letters), and two unknown."""
    written = ("2601", "602", "F2699", "2699", "2650-1", "26501", "2688", "PO 77")
    kinds = [EntityKind.INVOICE_NUMBER] * 7 + [EntityKind.PO_NUMBER]
    entities = tuple(Entity(kind, Evidence(text, 0, 1)) for kind, text in zip(kinds, written, strict=True))
    found = judge(Extraction((act(DISPUTE, A),), entities), LEDGER, ON).numbers
    assert [(one.number, one.kind) for one in found] == [
        ("F2699", K.OTHER_CUSTOMER),
        ("2699", K.OTHER_CUSTOMER),
        ("2650-1", K.UNKNOWN),
        ("2688", K.UNKNOWN),
    ]
    assert {one.field for one in found} == {VerdictField.NUMBER}


def test_a_number_is_no_problem_while_nobody_knows_who_writes() -> None:
    entities = (Entity(EntityKind.INVOICE_NUMBER, Evidence("2699", 0, 4)),)
    (found,) = judge(Extraction((), entities), Ledger(others=LEDGER.others), ON).numbers
    assert (found.kind, found.severity, found.customer) == (K.OTHER_CUSTOMER, Severity.INFO, OTHER)


def test_thousands_of_rows_are_judged_at_once() -> None:
    """Two hundred remittance rows on five thousand open invoices, each with its own verdicts."""
    rows = tuple(invoice(f"9{n:05}", 10_000 + n, 10_000 + n) for n in range(5_000))
    acts = tuple(act(PAYMENT, f"9{n:05}", amount=10_000 + n + n % 2 * 500, on=ON) for n in range(200))
    found = judge(Extraction(acts, ()), replace(LEDGER, invoices=rows), ON).acts
    assert {one.kind for verdicts in found for one in verdicts} == {
        K.OPEN, K.AMOUNT_MATCHES_OPEN, K.AMOUNT_ABOVE_OPEN, K.FINE,
    }  # fmt: skip
