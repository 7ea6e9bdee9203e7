"""Names of folders: as people write them in options, as servers spell them; on both servers where they can be made."""

import dataclasses

import pytest
from factories.posts import append, signed_in

from inbox_agent.domain.errors import MailboxFolderMissing
from inbox_agent.mailbox.imap import ImapSource
from inbox_agent.mailbox.imap_folders import ListedFolder, sent_folder, spelled
from inbox_agent.mailbox.options import Scope


def there(separator: str, *names: str) -> list[ListedFolder]:
    return [ListedFolder(name, separator, False) for name in names]


@pytest.mark.parametrize(
    ("written", "listed", "prefix"),
    [
        ("inbox", there("/", "INBOX"), ""),
        ("Debiteuren/Facturen", there("/", "Debiteuren/Facturen"), ""),
        ("Debiteuren/Facturen", there(".", "Debiteuren.Facturen", "Facturen"), ""),
        ("Debiteuren.Facturen", there("/", "Debiteuren/Facturen"), ""),
        ("Debiteuren/Facturen", there(".", "INBOX.Debiteuren.Facturen"), "INBOX."),
        ("facturen", there("/", "Facturen"), ""),
        ("Cre\u0301dit", there("/", "Crédit"), ""),
    ],
)
def test_a_name_is_found_as_the_server_spells_it(written, listed, prefix):
    assert spelled(written, listed, prefix) == listed[0].name


def test_an_exact_name_comes_first_and_a_doubtful_one_is_none():
    assert spelled("facturen", there("/", "Facturen", "facturen")) == "facturen"
    assert spelled("FACTUREN", there("/", "Facturen", "facturen")) == ""
    assert spelled("Facturen", there("/", "Facturen 2024")) == ""


def test_sent_is_what_the_server_flags_then_what_is_usual():
    flagged = [*there("/", "Sent"), ListedFolder("Éléments", "/", True)]
    assert sent_folder(flagged) == "Éléments"
    assert sent_folder(there(".", "INBOX.Gesendet", "INBOX.Entwürfe")) == "INBOX.Gesendet"
    assert sent_folder(there("/", "INBOX", "Verzonden items", "Sent Items")) == "Sent Items"
    assert sent_folder(there("/", "INBOX")) == ""


NAMES = ("Crédit & Débiteuren/Facturen", "2024", 'De "snelle" map', "Schuin\\streep", "日本 – мир")


@pytest.mark.parametrize("server", ["imap_settings", "pymap_settings"])
def test_folders_with_odd_names_are_read_and_told_as_they_are(request, mail, server):
    """Modified UTF-7 (RFC 3501, 5.1.3), quotes, backslashes and a number, in one mailbox."""
    settings = request.getfixturevalue(server)
    names = NAMES if server == "imap_settings" else tuple(f"{name} {settings.sent_folder}" for name in NAMES)
    with signed_in(settings) as client:
        for name in names:
            client.create_folder(name)
    for name in names:
        append(settings, mail(f"nr-{names.index(name)}"), name)
    source = ImapSource(dataclasses.replace(settings, scope=Scope(names)))
    found = list(source.fetch_since(""))
    assert [(one.folder, one.raw) for one in found] == [(name, mail(f"nr-{at}")) for at, name in enumerate(names)]
    again = ImapSource(dataclasses.replace(settings, scope=Scope(names)))
    assert list(again.fetch_since(found[-1].cursor)) == []
    assert [one.raw for one in again.fetch_keys([found[3].source_key])] == [mail("nr-3")]
    assert {one.folder for one in again.list_since(found[0].received_at.date())} == set(names)
    told = again.check()
    assert all(f"folder {name} holds 1 mails" in told for name in names)
    source.close()
    again.close()


def test_a_missing_folder_is_told_by_its_name(imap_settings):
    source = ImapSource(dataclasses.replace(imap_settings, scope=Scope(("Debiteuren", "Facturen"))))
    with pytest.raises(MailboxFolderMissing, match="no folder Facturen"):
        source.check()
    source.close()
