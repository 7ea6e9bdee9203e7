"""From a real IMAP server into the database: what a mailbox goes through, and one row a mail at the end."""

import dataclasses
import random

import pytest
import sqlalchemy as sa
from factories.pipeline import a_mailbox_row
from factories.posts import FOLDER, append, signed_in
from imapclient import IMAPClient
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.errors import MailboxFolderRefused
from inbox_agent.durable import Queue
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.mime import parse
from inbox_agent.mailbox.options import Scope
from inbox_agent.pipeline.intake import Intake
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import Mailbox
from inbox_agent.records.raw_mail import RawStore

FOLDERS = (FOLDER, "Facturen", "Archief")


class Interrupted(Exception):
    """The worker is killed here."""


class Mortal(Intake):
    """Dies once before it stores its n-th message."""

    left = -1

    def store(self, mailbox_id, fetched):
        self.left -= 1
        if self.left == 0:
            raise Interrupted
        return super().store(mailbox_id, fetched)


@pytest.fixture
def settings(imap_settings):
    with signed_in(imap_settings) as client:
        for folder in FOLDERS[1:]:
            client.create_folder(folder)
    return dataclasses.replace(imap_settings, scope=Scope(FOLDERS))


@pytest.mark.parametrize("seed", [3, 5])
def test_whatever_happens_to_a_mailbox_a_mail_is_read_once(engine: sa.Engine, settings, dovecot, mail, seed):
    """Mail arrives, is moved by people, loses its UIDs in one folder; the worker dies in between and starts again.

    In the first of these two histories the server begins UIDs again under one UIDVALIDITY; in the second it pulls a folder away.
    A mail that was moved out of a folder while that lost its UIDs may be told as a copy of itself: ignored, with its reason.
    """
    chance = random.Random(seed)
    box = a_mailbox_row(engine)
    intake = Mortal(engine, Queue(engine), RawStore(), parse)
    source = ImapSource(settings)
    arrived = 0
    for _ in range(12):
        for _ in range(chance.randrange(3)):
            append(settings, mail(f"nr-{arrived}"), chance.choice(FOLDERS))
            arrived += 1
        with signed_in(settings) as client:
            _move_some(client, chance)
        if chance.random() < 0.25:
            _lose_uids(dovecot.mail / settings.user / "Maildir", chance.choice(FOLDERS))
        intake.left = chance.randrange(6)
        try:
            intake.take(box, source)
        except (Interrupted, MailboxFolderRefused):
            # A server whose folder was pulled away under a session may say so once; the worker comes again.
            source.close()
            source = ImapSource(settings)
    intake.left = -1
    intake.take(box, source)
    intake.take(box, source)

    source.close()

    with signed_in(settings) as client:
        lies = {subject: folder for folder in FOLDERS for subject in _subjects(client, folder)}
    with db.reading(engine) as session:
        rows = session.exec(select(StoredMail)).all()
        fetched = session.exec(select(Mailbox.fetched_count)).one()
    assert len(lies) == arrived
    assert sorted(row.subject for row in rows if row.copy_of is None) == sorted(lies)
    assert all(row.state is MailState.IGNORED and row.state_reason for row in rows if row.copy_of is not None)
    # Where each mail lies now, some row says.
    assert lies.items() <= {(row.subject, row.folder) for row in rows if row.gone_at is None}
    assert fetched == len(rows)


def _move_some(client: IMAPClient, chance: random.Random) -> None:
    for folder in FOLDERS:
        client.select_folder(folder)
        if (uids := client.search()) and chance.random() < 0.5:
            client.move([chance.choice(uids)], chance.choice([one for one in FOLDERS if one != folder]))


def _lose_uids(maildir, folder: str) -> None:
    place = maildir / f".{folder}"
    for path in [place / "dovecot-uidlist", *place.glob("dovecot.index*"), *maildir.glob("dovecot.list.index*")]:
        path.unlink(missing_ok=True)


def _subjects(client: IMAPClient, folder: str) -> list[str]:
    client.select_folder(folder)
    found = client.fetch(client.search(), ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]"]).values()
    return [one[b"BODY[HEADER.FIELDS (SUBJECT)]"].decode().partition(": ")[2].strip() for one in found]
