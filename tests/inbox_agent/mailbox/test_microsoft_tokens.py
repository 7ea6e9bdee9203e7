"""Tokens from Microsoft: an application with a secret or a certificate, a person with a code, on a real authority over https."""

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from factories.authority import CLIENT_ID, PERSON, SECRET, Authority, Sanne, an_authority

from inbox_agent.domain.errors import (
    MailboxCertificateRefused,
    MailboxSignInRefused,
    MailboxUnreachable,
    SettingsError,
)
from inbox_agent.mailbox.microsoft_refusal import refusal
from inbox_agent.mailbox.oauth import TokenSource
from inbox_agent.mailbox.oauth_options import Provider, Use, check_oauth, open_sign_in, open_tokens
from inbox_agent.mailbox.options import Options
from inbox_agent.settings import Settings, load


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with an_authority(tmp_path_factory.mktemp("authority")) as started:
        yield started


@pytest.fixture(autouse=True)
def _as_new(authority: Authority) -> Iterator[None]:
    yield
    authority.lasts, authority.error, authority.status, authority.person = 3600, None, 200, PERSON
    authority.single_use = False
    authority.forms.clear()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CLIENT_SECRET", SECRET)
    return load(data_dir=tmp_path / "data")


@pytest.fixture
def tokens(authority: Authority, settings: Settings) -> Callable[..., TokenSource]:
    """Opens the tokens of the mailbox debiteuren with these options beside the authority's own."""
    return lambda use=Use.MAIL, **options: open_tokens(
        Options(authority.options(**options), "oauth."), Provider.MICROSOFT, use, "debiteuren", "debiteuren@x", settings
    )


@pytest.fixture
def sign_in(authority: Authority, settings: Settings) -> Callable[..., str]:
    """Has a person sign in; returns as whom."""
    return lambda person=None, **options: open_sign_in(
        Options(authority.options(**options), "oauth."),
        Provider.MICROSOFT,
        Use.MAIL,
        "debiteuren",
        "debiteuren@x",
        settings,
    ).sign_in(person or Sanne())


def a_pair(path: Path, key: Any = None, days: int = 90, password: bytes = b"") -> Any:
    """Writes a key and its certificate to `path`; returns the public key."""
    key = key or rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "inbox-agent")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(now + timedelta(days=days)).sign(key, hashes.SHA256())
    )  # fmt: skip
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)
    path.touch(mode=0o600)
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return key.public_key()


def test_an_application_gets_tokens_with_its_secret_and_keeps_them_while_they_last(
    authority: Authority, tokens: Callable[..., TokenSource], tmp_path: Path
) -> None:
    source = tokens(secret="env:CLIENT_SECRET", secret_expires_on="2027-03-01")
    first = source.token()
    assert first in authority.tokens
    assert source.token() == first
    assert source.token(force=True) != first
    assert len(authority.forms) == 2
    assert {form["scope"] for form in authority.forms} == {"https://outlook.office365.com/.default"}
    assert source.expires_at() == datetime(2027, 3, 1, tzinfo=UTC)
    assert not (tmp_path / "data/tokens").exists(), "an application's tokens stay in memory"


def test_a_token_that_ends_soon_is_renewed(authority: Authority, tokens: Callable[..., TokenSource]) -> None:
    authority.lasts = 290
    source = tokens(secret="env:CLIENT_SECRET")
    first = source.token()
    assert source.token() != first


def test_a_token_near_its_end_serves_on_while_the_authority_is_down(
    authority: Authority, tokens: Callable[..., TokenSource]
) -> None:
    authority.lasts = 290
    source = tokens(secret="env:CLIENT_SECRET")
    first = source.token()
    authority.status = 503
    assert source.token() == first
    with pytest.raises(MailboxUnreachable, match="does not work right now"):
        source.token(force=True)


def test_for_graph_it_asks_for_graph(authority: Authority, tokens: Callable[..., TokenSource]) -> None:
    tokens(Use.GRAPH, secret="env:CLIENT_SECRET").token()
    tokens(Use.GRAPH, secret="env:CLIENT_SECRET", resource="https://graph.example").token()
    assert [form["scope"] for form in authority.forms] == [
        "https://graph.microsoft.com/.default",
        "https://graph.example/.default",
    ]


@pytest.mark.parametrize("password", ["", "key-word"])
def test_an_application_gets_tokens_with_its_certificate(
    authority: Authority,
    tokens: Callable[..., TokenSource],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    password: str,
) -> None:
    monkeypatch.setenv("KEY_WORD", "key-word")
    authority.key = a_pair(tmp_path / "pair.pem", password=password.encode())
    options = {"certificate_password": "env:KEY_WORD"} if password else {}
    source = tokens(certificate=str(tmp_path / "pair.pem"), **options)
    assert source.token() in authority.tokens
    ends_at = source.expires_at()
    assert ends_at is not None
    assert abs(ends_at - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.chmod(0o644), "can be read by others"),
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_text("no pem", "utf-8"), "does not hold a private key and a certificate"),
        (lambda path: a_pair(path, password=b"hidden"), "oauth.certificate_password"),
        (lambda path: a_pair(path, ec.generate_private_key(ec.SECP256R1())), "no RSA key"),
    ],
)
def test_a_certificate_that_cannot_be_used(
    tokens: Callable[..., TokenSource], tmp_path: Path, spoil: Callable[[Path], Any], told: str
) -> None:
    path = tmp_path / "pair.pem"
    a_pair(path)
    spoil(path)
    with pytest.raises(SettingsError, match=told):
        tokens(certificate=str(path))


def test_a_person_signs_in_with_a_code_and_the_worker_goes_on_from_there(
    authority: Authority, tokens: Callable[..., TokenSource], sign_in: Callable[..., str], tmp_path: Path
) -> None:
    with pytest.raises(MailboxSignInRefused, match="inbox-agent mailbox sign-in debiteuren"):
        tokens().token()
    assert tokens().expires_at() is None
    sanne = Sanne()
    assert sign_in(sanne) == PERSON
    assert "https://microsoft.com/devicelogin" in sanne.told[0]
    assert "FGH7JKL" in sanne.told[0]
    source = tokens()
    first = source.token()
    assert first in authority.tokens
    asked = len(authority.forms)
    assert tokens().token() == first, "another process finds it in the file"
    assert len(authority.forms) == asked
    assert source.token(force=True) != first
    assert authority.forms[-1]["grant_type"] == "refresh_token"
    assert "https://outlook.office365.com/IMAP.AccessAsUser.All" in authority.forms[-1]["scope"]
    assert "offline_access" in authority.forms[-1]["scope"]
    ends_at = tokens().expires_at()
    assert ends_at is not None
    assert abs(ends_at - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=5)
    kept = tmp_path / "data/tokens/debiteuren.token"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert b"refresh-" not in kept.read_bytes()


def test_workers_that_renew_at_the_same_time_do_not_sign_each_other_out(
    authority: Authority, tokens: Callable[..., TokenSource], sign_in: Callable[..., str]
) -> None:
    """Each with its own source on the one file, as processes have it; every refresh token may be used once."""
    sign_in()
    authority.single_use = True
    sources = [tokens() for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        got = list(pool.map(lambda source: source.token(force=True), sources))
    assert len(set(got)) == 5
    assert tokens().token() in authority.tokens


def test_whoever_signs_in_must_be_the_account_that_is_meant(
    sign_in: Callable[..., str], tokens: Callable[..., TokenSource]
) -> None:
    with pytest.raises(MailboxSignInRefused, match=r"sanne@halvermaan\.example signed in, but .* as archief@"):
        sign_in(account="archief@halvermaan.example")
    with pytest.raises(MailboxSignInRefused, match="Nobody has signed in"):
        tokens().token()


def test_nobody_enters_the_code(authority: Authority, sign_in: Callable[..., str]) -> None:
    authority.person = ""
    with pytest.raises(MailboxSignInRefused, match="before the code ran out"):
        sign_in()


def test_nobody_has_to_sign_in_for_an_application(sign_in: Callable[..., str]) -> None:
    with pytest.raises(SettingsError, match="signs in by itself"):
        sign_in(secret="env:CLIENT_SECRET")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            "AADSTS700082: The refresh token has expired due to inactivity.",
            "90 days .AADSTS700082.*mailbox sign-in debiteuren",
        ),
        ("AADSTS50173: The provided grant has expired due to it being revoked.", "new password"),
        ("AADSTS50132: Session is not valid due to expiration.", "revoked.*AADSTS50132"),
        ("AADSTS53003: Access has been blocked by Conditional Access policies.", "Conditional Access"),
        ("AADSTS65001: The user or administrator has not consented.", "grant consent"),
        ("AADSTS1234567: Something new. Trace ID: 1 Correlation ID: 2", r"\(AADSTS1234567: Something new\)"),
    ],
)
def test_a_sign_in_that_ended_says_why(
    authority: Authority, tokens: Callable[..., TokenSource], sign_in: Callable[..., str], words: str, told: str
) -> None:
    sign_in()
    authority.error = ("invalid_grant", words)
    with pytest.raises(MailboxSignInRefused, match=told):
        tokens().token(force=True)


def test_what_microsoft_answers_when_it_is_busy_is_no_refusal() -> None:
    answer = {"error": "invalid_request", "error_description": "AADSTS90033: A transient error has occurred."}
    assert isinstance(refusal(answer, "debiteuren"), MailboxUnreachable)


def test_a_wrong_secret_and_a_wrong_tenant(
    authority: Authority, tokens: Callable[..., TokenSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MailboxSignInRefused, match=r"knows no tenant other\.example"):
        tokens(secret="env:CLIENT_SECRET", tenant="other.example").token()
    monkeypatch.setenv("CLIENT_SECRET", "another")
    with pytest.raises(MailboxSignInRefused, match=r"not its id.*"):
        tokens(secret="env:CLIENT_SECRET").token()


def test_an_authority_that_cannot_be_reached_or_trusted(
    authority: Authority, tokens: Callable[..., TokenSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MailboxCertificateRefused, match=r"sign-in server localhost.*self-signed"):
        tokens(secret="env:CLIENT_SECRET", ca_file="").token()
    with pytest.raises(MailboxUnreachable, match="Nothing listens on port 1 of localhost"):
        tokens(secret="env:CLIENT_SECRET", authority="https://localhost:1").token()
    authority.status = 503
    with pytest.raises(MailboxUnreachable, match="does not work right now"):
        tokens(secret="env:CLIENT_SECRET").token()


def test_certificates_in_the_environment_do_not_take_the_place_of_ours(
    tokens: Callable[..., TokenSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", os.devnull)
    assert tokens(secret="env:CLIENT_SECRET").token()


def test_secrets_stay_out_of_logs_and_representations(
    authority: Authority,
    tokens: Callable[..., TokenSource],
    sign_in: Callable[..., str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    application = tokens(secret="env:CLIENT_SECRET")
    application.token()
    sign_in()
    person = tokens()
    person.token(force=True)
    authority.key = a_pair(tmp_path / "pair.pem")
    with_certificate: Any = tokens(certificate=str(tmp_path / "pair.pem"))
    with_certificate.token()
    shown = caplog.text + "".join(
        repr(one) + repr(vars(one)) for one in (application, person, with_certificate, with_certificate._registration)
    )
    hidden = {SECRET, "PRIVATE KEY", *authority.tokens, *authority.refresh_tokens}
    assert [one for one in hidden if one in shown] == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"tenant": ""}, "oauth.tenant is missing"),
        ({"tenant": "a/b"}, "directory's id"),
        ({"secret": "plain"}, "oauth.secret says where a secret is kept"),
        ({"secret": "env:A", "certificate": "b.pem"}, "Take oauth.secret or oauth.certificate away"),
        ({"secret_expires_on": "soon"}, "must be a day"),
        ({"authority": "http://login.example"}, "begins with https"),
        ({"client": "x"}, "There is no option oauth.client"),
    ],
)
def test_wrong_options(options: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        check_oauth(Options({"tenant": "a", "client_id": CLIENT_ID, **options}, "oauth."), Provider.MICROSOFT)
