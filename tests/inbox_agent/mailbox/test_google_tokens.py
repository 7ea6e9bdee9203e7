"""Tokens from Google: a person's refresh token, and a service account, on a real authority over https."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from factories.authority import SECRET, Authority, Sanne, an_authority

from inbox_agent.domain.errors import MailboxSignInRefused, MailboxUnreachable, SettingsError
from inbox_agent.mailbox.oauth_options import Provider, Use, check_oauth, open_sign_in, open_tokens
from inbox_agent.mailbox.options import Options
from inbox_agent.settings import Settings, load

USER = "debiteuren@halvermaan.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with an_authority(tmp_path_factory.mktemp("authority")) as started:
        started.user = USER
        yield started


@pytest.fixture(autouse=True)
def _as_new(authority: Authority) -> Iterator[None]:
    yield
    authority.user, authority.error, authority.status = USER, None, 200
    authority.forms.clear()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CLIENT_SECRET", SECRET)
    monkeypatch.setenv("REFRESH_TOKEN", "refresh-from-elsewhere")
    return load(data_dir=tmp_path / "data")


@pytest.fixture
def opened(authority: Authority, settings: Settings) -> Callable[..., Any]:
    """Opens the tokens, or with `open_sign_in` the sign-in, of the mailbox debiteuren with these options."""

    def open_(open_: Callable[..., Any] = open_tokens, **options: str) -> Any:
        given = {"authority": f"{authority.url}/token", "ca_file": str(authority.certificate), **options}
        return open_(Options(given, "oauth."), Provider.GOOGLE, Use.MAIL, "debiteuren", USER, settings)

    return open_


def back_from_google(told: str, code: str = "the-code") -> str:
    """The address that the browser shows after the consent."""
    asked = parse_qs(urlsplit(next(word for word in told.split() if word.startswith("https://accounts"))).query)
    assert asked["scope"] == ["https://mail.google.com/"]
    assert asked["access_type"] == ["offline"]
    return f"{asked['redirect_uri'][0]}?state={asked['state'][0]}&code={code}"


CLIENT = {"client_id": "app", "secret": "env:CLIENT_SECRET"}


def test_a_refresh_token_from_elsewhere_gives_tokens(authority: Authority, opened: Callable[..., Any]) -> None:
    authority.refresh_tokens.add("refresh-from-elsewhere")
    source = opened(**CLIENT, refresh_token="env:REFRESH_TOKEN")
    first = source.token()
    assert first in authority.tokens
    assert source.token() == first
    assert source.token(force=True) != first
    assert source.expires_at() is None


def test_a_person_signs_in_and_brings_the_address_back(
    authority: Authority, opened: Callable[..., Any], tmp_path: Path
) -> None:
    with pytest.raises(MailboxSignInRefused, match="mailbox sign-in debiteuren"):
        opened(**CLIENT).token()
    opened(open_sign_in, **CLIENT).sign_in(Sanne(answers=back_from_google))
    assert opened(**CLIENT).token() in authority.tokens
    assert b"refresh-" not in (tmp_path / "data/tokens/debiteuren.token").read_bytes()
    with pytest.raises(MailboxSignInRefused, match="Nobody has signed in"):
        opened(**{**CLIENT, "client_id": "another"}).token()


def test_an_application_in_testing_is_known_to_end(
    authority: Authority, opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    granted = authority._granted
    monkeypatch.setattr(authority, "_granted", lambda form: granted(form) | {"refresh_token_expires_in": 604799})
    opened(open_sign_in, **CLIENT).sign_in(Sanne(answers=back_from_google))
    left = opened(**CLIENT).expires_at() - datetime.now(UTC)
    assert 6.9 < left.total_seconds() / 86400 < 7.0


@pytest.mark.parametrize("answer", ["", "nonsense", "http://127.0.0.1:8765/?state=other&code=the-code"])
def test_an_address_without_this_sign_in_is_refused(opened: Callable[..., Any], answer: str) -> None:
    with pytest.raises(MailboxSignInRefused, match="holds no sign-in"):
        opened(open_sign_in, **CLIENT).sign_in(Sanne(answers=lambda told: answer))


def test_a_service_account_acts_for_the_mailbox(
    authority: Authority, opened: Callable[..., Any], tmp_path: Path
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    authority.key = key.public_key()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    path = tmp_path / "service.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"client_email": "bot@x.example", "private_key_id": "1", "private_key": pem}), "utf-8")
    assert opened(service_account=str(path)).token() in authority.tokens
    authority.user = "somebody@else.example"
    with pytest.raises(MailboxSignInRefused, match="Domain-wide delegation"):
        opened(service_account=str(path)).token()
    with pytest.raises(SettingsError, match="signs in by itself"):
        opened(open_sign_in, service_account=str(path))
    path.write_text("{}", "utf-8")
    with pytest.raises(SettingsError, match="no key of a Google service account"):
        opened(service_account=str(path))
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        opened(service_account=str(path))


def test_a_sign_in_that_was_revoked_says_so(authority: Authority, opened: Callable[..., Any]) -> None:
    authority.refresh_tokens.clear()
    source = opened(**CLIENT, refresh_token="env:REFRESH_TOKEN")
    with pytest.raises(MailboxSignInRefused, match=r"revoked.*mailbox sign-in debiteuren"):
        source.token()
    authority.error = ("org_internal", "This client is\nrestricted.")
    with pytest.raises(MailboxSignInRefused, match=r"\(org_internal This client is restricted\)"):
        source.token()
    authority.status = 503
    with pytest.raises(MailboxUnreachable, match="does not work right now"):
        source.token()


def test_nothing_secret_is_logged_or_shown(
    authority: Authority, opened: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    authority.refresh_tokens.add("refresh-from-elsewhere")
    source = opened(**CLIENT, refresh_token="env:REFRESH_TOKEN")
    source.token()
    opened(open_sign_in, **CLIENT).sign_in(Sanne(answers=back_from_google))
    shown = caplog.text + repr(source) + repr(source._client) + repr(source._present)
    assert [one for one in {SECRET, *authority.tokens, *authority.refresh_tokens} if one in shown] == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "oauth.client_id is missing"),
        ({"client_id": "a", "secret": "x"}, "oauth.secret says"),
        ({"tenant": "a"}, "no option"),
    ],
)
def test_wrong_options_of_google(options: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        check_oauth(Options(options, "oauth."), Provider.GOOGLE)
