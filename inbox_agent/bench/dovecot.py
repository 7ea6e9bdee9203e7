"""A private Dovecot 2.3 on this machine, for tests and measurements: real IMAP, thrown away afterwards.

It runs as the current user, or from root as the accounts `dovecot` and `dovenull`, on loopback ports, with Maildir
storage and without fsync.
"""

import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from inbox_agent.bench.certificate import make_certificate
from inbox_agent.domain.errors import InboxAgentError

_PROGRAM = "/usr/sbin/dovecot"
_READY_WITHIN = 20.0

_CONFIGURATION = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {run}/base
state_dir = {run}/base
log_path = {run}/log
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
default_client_limit = 2000
first_valid_uid = {uid}
first_valid_gid = {gid}
mail_location = maildir:~/Maildir
mail_fsync = never
maildir_stat_dirs = no
auth_failure_delay = 0
mail_max_userip_connections = 1000
disable_plaintext_auth = no
auth_username_format = %Lu
mailbox_list_index = yes
ssl = {ssl}
{certificate}
{tokens}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {run}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
{mailboxes}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

_TOKENS = """auth_mechanisms = plain xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {run}/oauth2.conf
}}
"""
_INTROSPECTION = """introspection_url = {url}
introspection_mode = post
username_attribute = username
active_attribute = active
active_value = true
"""


class DovecotMissing(InboxAgentError):
    """Dovecot is not installed."""

    def __init__(self) -> None:
        super().__init__("Dovecot is not installed. Run: apt-get install dovecot-imapd dovecot-lmtpd")


class Dovecot:
    """A running server. `port` speaks IMAP (STARTTLS with `tls`), `tls_port` IMAP over TLS, `lmtp_port` LMTP.

    `certificate` is its PEM file when it has TLS. `mail` is the folder with the users' homes.
    """

    def __init__(self, folder: Path, tls: bool) -> None:
        self.host = "127.0.0.1"
        self.port, self.tls_port, self.lmtp_port = _free_ports(3)
        self.tls = tls
        self.certificate: Path | None = None
        # Sockets lie in here, and their paths may have 107 letters at most.
        self._run = Path(tempfile.mkdtemp(prefix="dovecot-"))
        # Root's temporary folders are closed to the account that Dovecot then keeps mail as.
        self.mail = (self._run if os.getuid() == 0 else folder) / "mail"
        self._process: subprocess.Popen[bytes] | None = None
        self._dropped = 0

    @classmethod
    def start(
        cls,
        folder: Path,
        users: Mapping[str, str],
        tls: bool = False,
        expired: bool = False,
        certificate_host: str = "localhost",
        sent: str = "Sent",
        introspection: str = "",
    ) -> "Dovecot":
        """Starts one with `users` (name to password); `sent` is made and flagged \\Sent unless "".

        With `introspection`, the address of an RFC 7662 endpoint, users may sign in with its tokens (XOAUTH2) as well.

        Mail is kept below `folder`, or from root in a folder of its own that `stop` removes.

        Raises `DovecotMissing`, or `RuntimeError` with its log when it does not start.
        """
        if not Path(_PROGRAM).exists():
            raise DovecotMissing
        server = cls(folder, tls)
        try:
            server._configure(users, expired, certificate_host, sent, introspection)
            server._spawn()
        except BaseException:
            server.stop()
            raise
        return server

    def deliver(self, user: str, raw: bytes) -> None:
        """Delivers into the user's INBOX through LMTP."""
        with smtplib.LMTP(self.host, self.lmtp_port, timeout=30) as connection:
            connection.sendmail("sender@example.org", [user], raw)

    def drop(self, user: str, raw: bytes) -> None:
        """Puts a mail straight into the user's Maildir: thousands a second, for measurements."""
        maildir = self.mail / user / "Maildir"
        for place in (maildir.parent, maildir, maildir / "tmp", maildir / "new", maildir / "cur"):
            if not place.exists():
                place.mkdir()
                shutil.chown(place, _accounts()[0])
        self._dropped += 1
        name = f"{time.time_ns() // 1_000_000_000}.M{time.time_ns() % 1_000_000_000}Q{self._dropped:08d}.here"
        (maildir / "tmp" / name).write_bytes(raw)
        os.rename(maildir / "tmp" / name, maildir / "new" / name)

    def renumber(self, user: str) -> None:
        """The user's folders get a new UIDVALIDITY and every mail a new UID, as after a move to another server; restarts."""
        self._end()
        for index in sorted((self.mail / user / "Maildir").rglob("dovecot*")):
            # The file that remembers the last UIDVALIDITY stays: the next one has to be higher.
            if index.is_file() and not index.name.startswith("dovecot-uidvalidity"):
                index.unlink()
        self._spawn()

    def restart(self) -> None:
        """Ends it, with all its connections, and starts it on the same ports with the same mail."""
        self._end()
        self._spawn()

    def stop(self) -> None:
        """Ends it and removes what it kept outside `folder`."""
        self._end()
        shutil.rmtree(self._run, ignore_errors=True)

    def __enter__(self) -> "Dovecot":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _configure(
        self, users: Mapping[str, str], expired: bool, certificate_host: str, sent: str, introspection: str
    ) -> None:
        internal, login = _accounts()
        account = pwd.getpwnam(internal)
        self._run.chmod(0o755)
        self.mail.mkdir(parents=True, exist_ok=True)
        os.chown(self.mail, account.pw_uid, account.pw_gid)
        certificate = ""
        if self.tls:
            self.certificate, key = make_certificate(self._run, certificate_host, expired)
            certificate = f"ssl_cert = <{self.certificate}\nssl_key = <{key}"
        mailboxes = f'  mailbox "{sent}" {{\n    special_use = \\Sent\n    auto = create\n  }}' if sent else ""
        (self._run / "users").write_text(
            "".join(f"{name}:{{PLAIN}}{word}::::::\n" for name, word in users.items()), "utf-8"
        )
        if introspection:
            (self._run / "oauth2.conf").write_text(_INTROSPECTION.format(url=introspection), "utf-8")
        (self._run / "dovecot.conf").write_text(
            _CONFIGURATION.format(
                run=self._run,
                internal=internal,
                login=login,
                group=grp.getgrgid(account.pw_gid).gr_name,
                uid=account.pw_uid,
                gid=account.pw_gid,
                ssl="yes" if self.tls else "no",
                certificate=certificate,
                tokens=_TOKENS.format(run=self._run) if introspection else "",
                mail=self.mail,
                mailboxes=mailboxes,
                imap=self.port,
                imaps=self.tls_port if self.tls else 0,
                lmtp=self.lmtp_port,
            ),
            "utf-8",
        )

    def _spawn(self) -> None:
        with (self._run / "stderr").open("ab") as stderr:
            self._process = subprocess.Popen(
                [_PROGRAM, "-c", str(self._run / "dovecot.conf"), "-F"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        deadline = time.monotonic() + _READY_WITHIN
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with socket.create_connection((self.host, self.port), timeout=5) as connection:
                    if connection.recv(64).startswith(b"* OK"):
                        return
            except OSError:
                time.sleep(0.02)
        words = "".join(
            (self._run / name).read_text("utf-8", "replace")
            for name in ("stderr", "log")
            if (self._run / name).exists()
        )
        raise RuntimeError(f"Dovecot did not start:\n{words[-2000:]}")

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=3)
        # Children that serve a quiet client outlive the master for ten seconds; the group is ours alone.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None


def _accounts() -> tuple[str, str]:
    """Who keeps the mail, and who talks to strangers. Dovecot refuses both as root; its package made accounts for that."""
    if os.getuid() == 0:
        return "dovecot", "dovenull"
    name = pwd.getpwuid(os.getuid()).pw_name
    return name, name


def _free_ports(count: int) -> list[int]:
    """Ports that are free now; all are held at once so that they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()
