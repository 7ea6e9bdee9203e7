"""Which recipients a person has to look at first: the addresses and what is known of them stand in each test."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import NOW, a_mail, a_mailbox, a_triage, a_triaged_mail
from factories.people import a_viewer
from sqlmodel import Session

from inbox_agent import db
from inbox_agent.domain.errors import NotAllowed
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.sending import SendingRules
from inbox_agent.domain.taxonomy import Intent, Language
from inbox_agent.domain.text import MailText, PartKind, QuotedHeader, TextPart
from inbox_agent.durable import Queue
from inbox_agent.ledger.tables import CustomerRow, RememberedSenderRow
from inbox_agent.records.mail import StoredMail, Thread, content_of
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.triage import Review
from inbox_agent.review import decide
from inbox_agent.review.addressing import Addressing, addressing, unfamiliar
from inbox_agent.review.recipients import addresses_in, chosen
from inbox_agent.review.views import Approval, Viewer

OWN = "debiteuren@halvermaan.example"


class Desk:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.mailbox: Mailbox = a_mailbox(session)
        self.sanne: Viewer = a_viewer(session, "Sanne", "A", self.mailbox.id or 0)
        self.customer: CustomerRow = a_customer(session, a_company(session), "10014", "jan@boer.example")

    def mail(self, customer: bool = True, thread: Thread | None = None, **fields: object) -> StoredMail:
        return a_triaged_mail(
            self.session,
            self.mailbox,
            mail=a_mail(**fields),
            customer=self.customer if customer else None,
            thread=thread,
        )

    def strange(self, row: StoredMail, *addresses: str) -> tuple[str, ...]:
        mail = content_of(self.session, row.id or 0)
        assert mail is not None
        return unfamiliar(self.session, row, OWN, mail, addresses)


@pytest.fixture
def desk(engine: sa.Engine):
    with db.writing(engine) as session:
        yield Desk(session)


def test_a_contact_of_the_customer_is_known(desk: Desk) -> None:
    assert desk.strange(desk.mail(), "Jan@Boer.example") == ()


def test_another_address_of_a_known_domain_is_known_only_in_its_thread(desk: Desk) -> None:
    row = desk.mail(sender=Address("ap@boer.example"), cc=(Address("piet@boer.example"),))
    assert desk.strange(row, "ap@boer.example", "piet@boer.example", "klaas@boer.example") == ("klaas@boer.example",)
    thread = desk.session.get_one(Thread, row.thread_id)
    later = desk.mail(thread=thread, sender=Address("jan@boer.example"))
    assert desk.strange(later, "piet@boer.example") == ()


def test_a_domain_that_is_new_for_the_customer_wants_a_look(desk: Desk) -> None:
    first = desk.mail(sender=Address("jan@b0er.example"))
    assert desk.strange(first, "jan@b0er.example") == ("jan@b0er.example",)
    second = desk.mail(sender=Address("jan@b0er.example"))
    assert desk.strange(second, "jan@b0er.example") == ("jan@b0er.example",), "writing twice makes nobody known"
    first.decided_at = NOW
    desk.session.flush()
    assert desk.strange(second, "jan@b0er.example") == (), "a person decided on its first mail"


def test_without_a_customer_only_the_thread_counts(desk: Desk) -> None:
    row = desk.mail(customer=False, sender=Address("nieuw@elders.example"))
    assert desk.strange(row, "nieuw@elders.example", "ander@elders.example") == ("ander@elders.example",)


def test_what_a_person_said_of_the_sender_counts(desk: Desk) -> None:
    row = desk.mail(sender=Address("jan@nieuw.example"))
    desk.session.add(
        RememberedSenderRow(
            mailbox_id=desk.mailbox.id, sender="nieuw.example", customer_id=desk.customer.id,
            remembered_by=desk.sanne.controller_id, remembered_at=NOW,
        )
    )  # fmt: skip
    desk.session.flush()
    assert desk.strange(row, "jan@nieuw.example") == ()


def test_a_reply_to_elsewhere_wants_a_look(desk: Desk) -> None:
    row = desk.mail(reply_to=(Address("ceo@gmail.example"),))
    mail = content_of(desk.session, row.id or 0)
    found = addressing(desk.session, row, OWN, mail, None)
    assert found == Addressing(("ceo@gmail.example",), "", ("ceo@gmail.example",))


def test_a_forwarded_mail_is_answered_to_who_wrote_it_after_a_look(desk: Desk) -> None:
    text = "FYI\n\nVan: Piet <piet@boer.example>\n\nWaar blijft de kopie?"
    mail = a_mail(sender=Address("chef@halvermaan.example"), text=text)
    row = a_triaged_mail(desk.session, desk.mailbox, mail=mail, customer=desk.customer)
    parts = (
        TextPart(PartKind.NEW, 0, 3),
        TextPart(PartKind.FORWARD, 3, len(text), QuotedHeader(Address("piet@boer.example", "Piet"))),
    )
    reading = passed_on(mail, parts)
    assert addressing(desk.session, row, OWN, mail, reading).to == ("piet@boer.example",)
    assert addressing(desk.session, row, OWN, mail, reading).to_check == ("piet@boer.example",)
    customers = a_mail(sender=Address("jan@boer.example"), text=text)
    assert addressing(desk.session, row, OWN, customers, passed_on(customers, parts)).to == ("jan@boer.example",)


def passed_on(mail: Mail, parts: tuple[TextPart, ...]):
    return replace(a_triage(Intent.OTHER_QUERY, mail=mail), text=MailText(mail.text, parts, Language.NL))


def test_an_unfamiliar_address_needs_its_tick_and_the_tick_is_kept(desk: Desk, queue_door: Queue) -> None:
    row = desk.mail()

    def approve(**fields: object):
        approval = Approval(2, reply="Dag", **fields)  # type: ignore[arg-type]
        return decide.approve(desk.session, desk.sanne, row.id or 0, approval, queue_door, NOW)

    to, cc = ("jan@boer.example",), ("accountant@elders.example",)
    with pytest.raises(NotAllowed, match=r"accountant@elders\.example before"):
        approve(to=to, cc=cc)
    desk.session.expire_all()
    reply = approve(to=to, cc=cc, checked=("Accountant@elders.example",))
    assert (reply.recipients, reply.cc) == (["jan@boer.example"], ["accountant@elders.example"])
    kept = desk.session.get_one(Review, reply.review_id).changes
    assert kept["recipients"] == {"before": ["jan@boer.example"], "after": [*to, *cc]}
    assert kept["checked"] == ["accountant@elders.example"]


def test_a_correspondent_gets_so_many_replies_an_hour(desk: Desk, queue_door: Queue) -> None:
    rules = SendingRules(replies_per_hour=2)
    for _ in range(2):
        row = desk.mail()
        decide.approve(desk.session, desk.sanne, row.id or 0, Approval(2, reply="Dag"), queue_door, NOW, rules)
    row = desk.mail()
    with pytest.raises(NotAllowed, match=r"2 replies went to jan@boer\.example"):
        decide.approve(desk.session, desk.sanne, row.id or 0, Approval(2, reply="Dag"), queue_door, NOW, rules)


@pytest.mark.parametrize(
    ("to", "cc", "words"),
    [
        (("geen adres",), (), "no mail address"),
        (("noreply@boer.example",), (), "no-reply address or a mailing list"),
        (("jan@boer.example",), ("listserv@boer.example",), "mailing list"),
        (("jan@boer.example", OWN.upper()), (), "this mailbox itself"),
        ((), ("jan@boer.example",), "no recipient"),
        (tuple(f"a{n}@boer.example" for n in range(6)), tuple(f"b{n}@boer.example" for n in range(5)), "at most 10"),
    ],
)
def test_recipients_that_are_refused(to: tuple[str, ...], cc: tuple[str, ...], words: str) -> None:
    with pytest.raises(NotAllowed, match=words):
        chosen(to, cc, OWN)


def test_each_recipient_once_as_people_write_them() -> None:
    assert chosen(("a@x.example", "A@x.example"), ("a@x.example", "b@x.example"), OWN) == (
        ("A@x.example",),
        ("b@x.example",),
    )
    assert addresses_in('Jan "de" <jan@boer.example>; piet@boer.example,') == ("jan@boer.example", "piet@boer.example")
    assert addresses_in(" \x00") == ()
    with pytest.raises(NotAllowed, match="no mail address"):
        chosen(addresses_in("geen adres"), (), OWN)
