"""A start date: what arrived before is not fetched, whatever the size of the folder. What was asked stands in a proxy's log."""

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest
from factories.imap_proxy import imap_proxy
from factories.posts import FOLDER, signed_in

from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.options import Scope

START = date(2026, 3, 1)
OLD, NEW = 300, 6


@pytest.fixture
def filled(imap_settings, mail):
    """300 mails from before the start date, 6 since, the first of them at midnight (UTC); and an old one moved in last."""
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    arrived = [(f"oud-{number}", begin - timedelta(hours=OLD - number)) for number in range(OLD)]
    arrived += [(f"nieuw-{number}", begin + timedelta(hours=number)) for number in range(NEW)]
    arrived.append(("oud, pas verplaatst", begin - timedelta(days=90)))
    with signed_in(imap_settings) as client:
        client.multiappend(FOLDER, [{"msg": mail(subject), "date": at} for subject, at in arrived])
    return imap_settings


def test_older_mail_is_never_asked_for(filled, dovecot, mail):
    """Not even its size: only the day before, since servers count days in their own time zone."""
    with imap_proxy(dovecot.host, dovecot.port) as proxy:
        source = ImapSource(dataclasses.replace(filled, port=proxy.port, scope=Scope((FOLDER,), START)))
        found = list(source.fetch_since(""))
        assert [one.raw for one in found] == [mail(f"nieuw-{number}") for number in range(NEW)]
        assert min(proxy.fetched()) > OLD - 2 * 24
        bodies = [command for command in proxy.asked if "BODY" in command]
        assert bodies == ["UID FETCH 301,302,303,304,305,306 (BODY.PEEK[])"]

        proxy.asked.clear()
        listed = list(source.list_since(date(2025, 1, 1)))
        assert [one.source_key for one in listed] == [one.source_key for one in found]
        assert min(proxy.fetched()) > OLD - 2 * 24

        proxy.asked.clear()
        assert list(source.fetch_since(found[-1].cursor)) == []
        assert not proxy.fetched()
        assert not [command for command in proxy.asked if "SEARCH" in command]
        assert "mail from before 2026-03-01 stays out" in source.check()
        source.close()


def test_an_earlier_start_date_offers_what_was_left_out_and_a_later_one_nothing_twice(filled):
    def fetch(start: date | None, cursor: str) -> tuple[int, str]:
        source = ImapSource(dataclasses.replace(filled, scope=Scope((FOLDER,), start)))
        found = list(source.fetch_since(cursor))
        source.close()
        return len(found), found[-1].cursor if found else cursor

    count, cursor = fetch(START, "")
    assert count == NEW
    assert fetch(date(2026, 3, 10), cursor)[0] == 0
    count, cursor = fetch(date(2026, 2, 28), cursor)
    assert count == NEW + 24
    assert fetch(date(2026, 2, 28), cursor)[0] == 0
    assert fetch(None, cursor)[0] == OLD + NEW + 1
