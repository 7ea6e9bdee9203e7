"""Contacts of an export: one row an e-mail address, shared by all customers and companies that it writes for."""

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from inbox_agent.ledger.export import Export
from inbox_agent.ledger.keys import domain_key, name_key
from inbox_agent.ledger.tables import ContactRow, CustomerContactRow


def import_contacts(session: Session, export: Export, customers: Mapping[str, int], tally: Counter[str]) -> int:
    """Makes the links of these customers those of the export; returns how many were removed. `customers`: number -> id.

    A name or telephone number is taken over when there was none, or when no other company knows the address: otherwise
    two companies that write a name differently would change it at every import. Addresses that write for nobody any more
    are deleted. An export without contacts.csv leaves everything as it is.
    """
    if not export.has_contacts:
        return 0
    theirs = set(customers.values())
    links = set(session.exec(select(CustomerContactRow.customer_id, CustomerContactRow.contact_id)).all())
    shared = {contact_id for customer_id, contact_id in links if customer_id not in theirs}
    ids = _addresses(session, export, shared, tally)
    wanted = {(customers[one.customer_number], ids[one.email]) for one in export.contacts}
    kept = {link for link in links if link[0] in theirs}
    added, removed = sorted(wanted - kept), sorted(kept - wanted)
    if added:
        rows = [{"customer_id": customer_id, "contact_id": contact_id} for customer_id, contact_id in added]
        session.execute(sa.insert(CustomerContactRow), rows)
    if removed:
        one_link = sa.delete(CustomerContactRow).where(
            col(CustomerContactRow.customer_id) == sa.bindparam("customer"),
            col(CustomerContactRow.contact_id) == sa.bindparam("contact"),
        )
        ended = [{"customer": customer_id, "contact": contact_id} for customer_id, contact_id in removed]
        session.connection().execute(one_link, ended)
        session.exec(delete(ContactRow).where(col(ContactRow.id).not_in(sa.select(col(CustomerContactRow.contact_id)))))
    tally["inserted"] += len(added)
    tally["unchanged"] += len(wanted & kept)
    return len(removed)


def _addresses(session: Session, export: Export, shared: set[int], tally: Counter[str]) -> Mapping[str, int]:
    """Makes sure that every address has a row, and returns address -> id."""
    details: dict[str, tuple[str, str]] = {}
    for one in export.contacts:
        name, phone = details.get(one.email, ("", ""))
        details[one.email] = (name or one.name, phone or one.phone)
    known = {row.email: row for row in session.execute(_columns())}
    inserts, updates = [], []
    for email, (name, phone) in details.items():
        row = known.get(email)
        if row is None:
            domain = email.rpartition("@")[2]
            keys = {"name_key": name_key(name), "domain_key": domain_key(domain)}
            inserts.append({"email": email, "domain": domain, "name": name, "phone": phone, **keys})
            continue
        if row.id in shared:
            name, phone = row.name or name, row.phone or phone
        if (row.name, row.phone) != (name, phone):
            updates.append({"id": row.id, "name": name, "phone": phone, "name_key": name_key(name)})
    if inserts:
        session.execute(sa.insert(ContactRow), inserts)
    if updates:
        session.execute(sa.update(ContactRow), updates)
    tally["updated"] += len(updates)
    return {row.email: row.id for row in session.execute(_columns())}


def _columns() -> sa.Select[int | None, str, str, str]:
    return sa.select(col(ContactRow.id), col(ContactRow.email), col(ContactRow.name), col(ContactRow.phone))
