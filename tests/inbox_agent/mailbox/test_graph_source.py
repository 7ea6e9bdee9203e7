"""What a Microsoft 365 mailbox makes of the service's habits: pages, late changes, lost positions, moves, throttling."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from factories.graph_mailbox import Recorded, settings_of

from inbox_agent.bench.graph_box import Fault
from inbox_agent.domain.errors import MailboxFolderMissing, MailboxSignInRefused, MailboxUnreachable
from inbox_agent.mailbox.graph import CATEGORY, GraphSource
from inbox_agent.mailbox.graph_failure import GraphRefusal
from inbox_agent.mailbox.options import Marking, Scope
from inbox_agent.mailbox.source import Departed, Fetched

INBOX_ONLY = Scope(read_sent=False)


@pytest.fixture
def box(graph):
    return graph.box()


@pytest.fixture
def opened(graph, box):
    """Opens a source on the box, its memory empty unless given."""
    made = []

    def open_source(memory=None, **fields):
        made.append(GraphSource(settings_of(graph, box, **({"scope": INBOX_ONLY} | fields)), memory))
        return made[-1]

    yield open_source
    for source in made:
        source.close()


def subjects(items):
    return [item.raw.split(b"Subject: ")[1].split(b"\r\n")[0].decode() for item in items if isinstance(item, Fetched)]


def test_pages_are_taken_one_by_one_and_a_half_taken_one_is_asked_for_again(box, opened, mail):
    for number in range(5):
        box.deliver(mail(f"nr-{number}"))
    taking = opened().fetch_since("")
    third = [next(taking) for _ in range(3)][-1]
    taking.close()
    assert subjects(opened().fetch_since(third.cursor)) == ["nr-3", "nr-4"]


def test_each_answer_is_told_oldest_first(box, opened, mail):
    for number in range(3):
        box.deliver(mail(f"nr-{number}"))
    box.newest_first = True
    assert subjects(opened(page=10).fetch_since("")) == ["nr-0", "nr-1", "nr-2"]


def test_mail_that_shows_late_is_neither_lost_nor_doubled(box, opened, mail):
    source = opened()
    box.delta_lag = 2
    box.deliver(mail("laat"))
    cursor, passes = "", []
    for _ in range(4):
        found = list(source.fetch_since(cursor))
        cursor = found[-1].cursor if found else cursor
        passes.append(subjects(found))
    assert passes == [[], ["laat"], [], []]


def test_a_position_that_the_service_forgot_starts_again_and_keys_stay(graph, box, opened, mail):
    for number in range(3):
        box.deliver(mail(f"nr-{number}"))
    source = opened()
    first = list(source.fetch_since(""))
    graph.expire_tokens()
    box.deliver(mail("nieuw"))
    again = list(source.fetch_since(first[-1].cursor))
    assert subjects(again) == ["nr-0", "nr-1", "nr-2", "nieuw"]
    assert [one.source_key for one in again[:3]] == [one.source_key for one in first]


def test_after_a_lost_position_what_is_kept_is_not_fetched_again(graph, box, opened, mail):
    for number in range(3):
        box.deliver(mail(f"nr-{number}"))
    memory = Recorded()
    source = opened(memory)
    found = list(source.fetch_since(""))
    memory.kept = {one.source_key: one.folder for one in found}
    graph.expire_tokens()
    box.deliver(mail("nieuw"))
    before = len(box.requests)
    assert subjects(source.fetch_since(found[-1].cursor)) == ["nieuw"]
    assert sum("$value" in path for _, path in box.requests[before:]) == 1


def test_a_changed_mail_of_which_only_the_change_is_told_is_no_new_mail(box, opened, mail):
    item = box.deliver(mail("een"))
    memory = Recorded()
    source = opened(memory)
    (one,) = source.fetch_since("")
    memory.kept[one.source_key] = one.folder
    item.is_read = True
    box.update(item)
    assert list(source.fetch_since(one.cursor)) == []


def test_a_change_of_a_mail_that_is_not_kept_brings_the_mail(box, opened, mail):
    item = box.deliver(mail("een"))
    box.update(item)
    assert subjects(opened(Recorded()).fetch_since("")) == ["een"]


def test_moved_out_and_deleted_mail_departs(box, opened, mail):
    moved, deleted = box.deliver(mail("weg")), box.deliver(mail("gewist"))
    source = opened()
    last = list(source.fetch_since(""))[-1]
    box.move(moved, "archive")
    box.remove(deleted)
    gone = list(source.fetch_since(last.cursor))
    assert [type(one) for one in gone] == [Departed, Departed]
    assert {one.source_key for one in gone} == {moved.item_id, deleted.item_id}
    assert list(opened().fetch_since(gone[-1].cursor)) == []


def test_a_move_between_two_folders_that_are_read_is_no_departure(box, opened, mail):
    box.add_folder("Betwist", "inbox")
    item = box.deliver(mail("verhuisd"))
    memory = Recorded()
    source = opened(memory, scope=Scope(folders=("inbox", "Inbox/betwist"), read_sent=False))
    (one,) = source.fetch_since("")
    memory.kept[one.source_key] = one.folder
    box.move(item, next(key for key, (name, _) in box.folders.items() if name == "Betwist"))
    (moved,) = source.fetch_since(one.cursor)
    assert (moved.source_key, moved.folder) == (one.source_key, "Postvak IN/Betwist")


def test_of_what_was_never_kept_no_departure_is_asked_or_told(box, opened, mail):
    item = box.deliver(mail("oud"))
    memory = Recorded()
    source = opened(memory)
    last = list(source.fetch_since(""))[-1]
    box.remove(item)
    before = len(box.requests)
    assert list(source.fetch_since(last.cursor)) == []
    assert [path for _, path in box.requests[before:]] == ["mailFolders('AAMk-inbox=')/messages/delta"]


def test_sent_mail_is_read_too_and_says_so(box, opened, mail):
    box.deliver(mail("vraag"))
    box.deliver(mail("antwoord-van-collega"), folder="sentitems")
    found = list(opened(scope=Scope()).fetch_since(""))
    assert [(subjects([one])[0], one.is_sent, one.folder) for one in found] == [
        ("vraag", False, "Postvak IN"),
        ("antwoord-van-collega", True, "Verzonden items"),
    ]
    assert all(one.conversation.startswith("AAQk") for one in found)


def test_drafts_are_no_mail_until_they_left(box, opened, mail):
    draft = box.deliver(mail("concept"), is_draft=True)
    source = opened()
    assert list(source.fetch_since("")) == []
    draft.is_draft = False
    box.update(draft)
    assert subjects(source.fetch_since("")) == ["concept"]


def test_mail_before_the_start_date_stays_where_it_is(box, opened, mail):
    day = datetime(2026, 11, 1, tzinfo=UTC)
    box.deliver(mail("ervoor"), received_at=day - timedelta(seconds=1))
    box.deliver(mail("erop"), received_at=day)
    scope = Scope(start_on=date(2026, 11, 1), read_sent=False)
    source = opened(scope=scope)
    (one,) = source.fetch_since("")
    assert subjects([one]) == ["erop"]
    assert [listed.source_key for listed in source.list_since(date(2026, 1, 1))] == [one.source_key]
    earlier = opened(scope=Scope(start_on=date(2026, 10, 1), read_sent=False))
    assert subjects(earlier.fetch_since(one.cursor)) == ["ervoor", "erop"]


def test_more_mail_since_the_start_date_than_a_filtered_delta_query_tells(box, opened, mail):
    """The service would keep back all but 5,000: so no filter is sent."""
    box.deliver(mail("een"))
    source = opened(scope=Scope(start_on=date(2026, 1, 1), read_sent=False))
    list(source.fetch_since(""))
    assert not any("filter" in path for _, path in box.requests)


def test_every_page_is_listed_with_message_ids(box, opened, mail):
    for number in range(12):
        box.deliver(mail(f"nr-{number}"))
    box.deliver(mail("verzonden"), folder="sentitems")
    box.deliver(mail("concept"), is_draft=True)
    listed = list(opened(scope=Scope()).list_since(date(2020, 1, 1)))
    assert [one.message_id for one in listed] == [
        *(f"<nr-{number}@example.org>" for number in range(12)),
        "<verzonden@example.org>",
    ]


def test_single_mails_by_key_as_far_as_they_are_there(box, opened, mail):
    here, gone = box.deliver(mail("hier")), box.deliver(mail("weg"))
    away = box.deliver(mail("elders"), folder="archive")
    box.remove(gone)
    found = list(opened().fetch_keys([gone.item_id, "geen sleutel", "", away.item_id, here.item_id]))
    assert [(one.source_key, one.raw, one.cursor) for one in found] == [(here.item_id, mail("hier"), "")]


@pytest.mark.parametrize("name", ["inbox", "INBOX", "Postvak IN", "postvak in"])
def test_folders_are_found_by_either_name(box, opened, mail, name):
    box.deliver(mail("een"))
    assert subjects(opened(scope=Scope(folders=(name,), read_sent=False)).fetch_since("")) == ["een"]


def test_a_folder_far_down_among_many(box, opened, mail):
    for number in range(12):
        box.add_folder(f"Map {number}")
    parent = box.add_folder("Klanten")
    child = box.add_folder("Groot & Zn", parent)
    box.deliver(mail("diep"), folder=child)
    source = opened(scope=Scope(folders=("Klanten/Groot & Zn",), read_sent=False))
    assert [(one.folder, one.raw) for one in source.fetch_since("")] == [("Klanten/Groot & Zn", mail("diep"))]


def test_a_missing_folder_is_named_with_those_that_there_are(opened):
    with pytest.raises(MailboxFolderMissing, match=r"no folder Debiteuren .*Postvak IN.*Inbox/Name"):
        opened(scope=Scope(folders=("Debiteuren",))).check()


def test_a_folder_that_fails_is_raised_after_the_others_were_read(box, opened, mail):
    box.deliver(mail("een"))
    box.deliver(mail("twee"), folder="sentitems")
    box.faults.append(Fault("GET", "inbox=/messages/delta", 403, "ErrorAccessDenied"))
    taking = opened(scope=Scope()).fetch_since("")
    assert subjects([next(taking)]) == ["twee"]
    with pytest.raises(GraphRefusal, match="administrator must grant"):
        next(taking)


def test_a_mail_that_the_service_cannot_give_out_is_parked_and_the_next_one_comes(box, opened, mail):
    broken = box.deliver(mail("kapot"))
    box.deliver(mail("goed"))
    box.faults.append(Fault("GET", f"{broken.item_id}/$value", 500, "ErrorMimeContentConversionFailed", times=2))
    parked, good = opened().fetch_since("")
    assert (parked.raw, "does not deliver it" in parked.problem) == (b"", True)
    assert (good.raw, good.problem) == (mail("goed"), "")


def test_a_connection_cut_in_the_middle_of_a_mail_is_no_mail(box, opened, mail):
    item = box.deliver(mail("lang", size=100_000))
    box.faults.append(Fault("GET", f"{item.item_id}/$value", cut=True))
    source = opened()
    with pytest.raises(MailboxUnreachable):
        list(source.fetch_since(""))
    assert [one.raw for one in source.fetch_since("")] == [item.raw]


def test_a_mail_that_went_away_while_it_was_fetched_is_left_out(box, opened, mail):
    gone = box.deliver(mail("weg"))
    box.deliver(mail("blijft"))
    taking = opened(page=10)
    del box.items[gone.item_id]
    assert subjects(taking.fetch_since("")) == ["blijft"]


def test_throttling_is_waited_for_as_the_service_says(graph, box, opened, mail):
    box.deliver(mail("een"))
    source = opened()
    slept = []
    source._client._sleep = slept.append
    box.faults.append(Fault("GET", "/messages/delta", 429, "TooManyRequests", retry_after="7", times=2))
    box.faults.append(Fault("GET", "/$value", 503, retry_after="3"))
    assert subjects(source.fetch_since("")) == ["een"]
    assert slept == [7.0, 7.0, 3.0]


def test_throttling_for_too_long_gives_up_for_now(box, opened):
    source = opened()
    source._client._sleep = lambda seconds: None
    box.faults.append(Fault("GET", "/messages/delta", 429, retry_after="600"))
    with pytest.raises(MailboxUnreachable, match="asks mailbox debiteuren to wait"):
        list(source.fetch_since(""))


def test_a_token_that_is_refused_is_renewed_once(graph, box, opened, mail):
    box.deliver(mail("een"))
    graph.refused_tokens |= {"token-1"}
    source = opened()
    assert subjects(source.fetch_since("")) == ["een"]
    assert source._settings.tokens.forced == 1


def test_a_sign_in_that_stays_refused_says_what_to_do(graph, box, opened):
    graph.refused_tokens |= {f"token-{number}" for number in range(50)}
    try:
        with pytest.raises(MailboxSignInRefused, match="mailbox check debiteuren"):
            opened().check()
    finally:
        graph.refused_tokens.clear()


def test_a_position_at_another_service_is_the_beginning(box, opened, mail):
    """As after a move to another cloud; and no token follows a link that somebody wrote into the database."""
    for number in range(3):
        box.deliver(mail(f"nr-{number}"))
    last = list(opened().fetch_since(""))[-1]
    assert "127.0.0.1" in last.cursor
    again = opened().fetch_since(last.cursor.replace("127.0.0.1", "evil.example"))
    assert subjects(again) == ["nr-0", "nr-1", "nr-2"]


@pytest.mark.parametrize(
    ("marking", "expected"),
    [(Marking.LABEL, (["Rood", CATEGORY], False)), (Marking.READ, (["Rood"], True)), (Marking.NONE, (["Rood"], False))],
)
def test_marking_keeps_other_categories(box, opened, mail, marking, expected):
    item = box.deliver(mail("een"), categories=["Rood"])
    source = opened(scope=Scope(read_sent=False, marking=marking))
    source.mark_handled(item.item_id)
    source.mark_handled(item.item_id)
    assert (item.categories, item.is_read) == expected


def test_marking_without_permission_degrades(box, opened, mail):
    item = box.deliver(mail("een"))
    box.faults.append(Fault("PATCH", item.item_id, 403, "ErrorAccessDenied"))
    opened().mark_handled(item.item_id)
    assert item.categories == []


def test_a_notice_ends_the_rest_and_late_mail_is_looked_for_soon(graph, box, opened, mail):
    memory = Recorded()
    source = opened(memory, look_every=3600.0, notify_url=f"{graph.origin}/nowhere")
    source._subscriptions.keep_up = lambda resources: None
    assert list(source.fetch_since("")) == []
    memory.told_at = datetime(2026, 11, 24, tzinfo=UTC)
    source.wait(3600.0, threading.Event())
    assert list(source.fetch_since("")) == []
    source.wait(3600.0, threading.Event())  # would rest an hour, were it not for the notice


def test_when_the_sign_in_ends(opened):
    assert opened().sign_in_expires_at() == datetime(2027, 5, 1, tzinfo=UTC)
