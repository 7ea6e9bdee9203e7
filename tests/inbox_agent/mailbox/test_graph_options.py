"""A Microsoft 365 mailbox from its row: which options are wrong, and that it opens with tokens of a real authority."""

from collections.abc import Iterator

import pytest
from factories.authority import SECRET, Authority, an_authority

from inbox_agent.domain.errors import SettingsError
from inbox_agent.mailbox import registry
from inbox_agent.mailbox.graph import GraphSource
from inbox_agent.mailbox.memory import NoMemory
from inbox_agent.settings import Settings

OAUTH = {"tenant": "halvermaan.example", "client_id": "11111111-2222", "secret": "env:GRAPH_TEST_SECRET"}
OPTIONS = {"mailbox": "debiteuren@halvermaan.example", "oauth": OAUTH}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with an_authority(tmp_path_factory.mktemp("authority")) as started:
        yield started


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    monkeypatch.setenv("GRAPH_TEST_SECRET", SECRET)
    return Settings(data_dir=tmp_path, public_url="https://inbox.halvermaan.example/", poll_seconds=7)


def test_usual_options(settings):
    source = registry.open_source("graph", "debiteuren", OPTIONS, settings)
    assert isinstance(source, GraphSource)
    made = source._settings
    assert (made.base_url, made.look_every) == ("https://graph.microsoft.com/v1.0", 7)
    assert made.notify_url == "https://inbox.halvermaan.example/notifications/graph"
    assert (made.scope.folders, made.scope.read_sent) == ((), True)
    assert SECRET not in repr(made)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mailbox": ""}, "option mailbox is missing"),
        ({"mailbox": "debiteuren"}, "option mailbox must be the address"),
        ({"base_url": "http://graph.example/v1.0"}, "option base_url must begin with https"),
        ({"base_url": "graph.example"}, "option base_url must begin with https"),
        ({"oauth": {}}, "option oauth.tenant is missing"),
        ({"oauth": OAUTH | {"secret": "geheim"}}, "oauth.secret"),
        ({"oauth": OAUTH | {"secret_expires_on": "ooit"}}, "oauth.secret_expires_on"),
        ({"passwort": "x"}, "no option passwort"),
        ({"folders": "inbox"}, "option folders must be a list"),
    ],
)
def test_what_is_wrong_is_named(change, named):
    with pytest.raises(SettingsError, match=named):
        registry.validate("graph", OPTIONS | change)


def test_the_path_of_notifications_is_the_one_that_the_pages_serve():
    from inbox_agent.mailbox.graph_options import NOTIFICATIONS_PATH
    from web.pages.notifications.route import router

    assert [route.path for route in router.routes] == [NOTIFICATIONS_PATH]


@pytest.mark.parametrize("url", ["ftp://x", "inbox.example", "https://", "https://x/?a=b", "https://x y"])
def test_an_address_of_the_pages_that_is_none(url):
    with pytest.raises(ValueError, match="public_url"):
        Settings(public_url=url)


def test_it_opens_with_tokens_of_the_authority_and_renews_them(graph, authority, settings, mail):
    box = graph.box()
    box.deliver(mail("een"))
    options = OPTIONS | {
        "mailbox": box.address,
        "base_url": graph.base_url,
        "oauth": authority.options(secret="env:GRAPH_TEST_SECRET"),
    }
    source = registry.open_source("graph", "debiteuren", options, settings)
    assert "Postvak IN: 1 mails" in source.check()
    graph.refused_tokens |= authority.tokens
    (one,) = source.fetch_since("")
    assert one.raw == mail("een")
    source.close()
    assert authority.forms[-1]["scope"].split()[0] == "https://graph.microsoft.com/.default"
    found = list(registry.examine("graph", "debiteuren", options, settings, NoMemory(), write=True))
    assert [finding.sentence for finding in found if finding.fine is False] == []


def test_other_kinds_tell_what_their_check_tells(tmp_path, settings):
    (found,) = registry.examine("folder", "x", {"path": str(tmp_path)}, settings, NoMemory(), write=False)
    assert (found.fine, "0 mails" in found.sentence) == (True, True)
