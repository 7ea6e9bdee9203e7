"""What the fault suite plays in: Dovecot behind a wire, an outgoing server, a database, and one worker at a time."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import TracebackType

from imapclient import IMAPClient
from sqlmodel import col, func, select

from inbox_agent import db, schema
from inbox_agent.bench.dovecot import Dovecot
from inbox_agent.bench.faults_plan import Plan
from inbox_agent.bench.graph_authority import Authority
from inbox_agent.bench.graph_service import GraphService
from inbox_agent.bench.program import Program
from inbox_agent.bench.smtp_sink import SmtpSink
from inbox_agent.bench.wire import Wire
from inbox_agent.commands.mailbox_saving import save
from inbox_agent.domain.errors import InboxAgentError
from inbox_agent.durable import Queue
from inbox_agent.records.mail import MailState, StoredMail
from inbox_agent.records.mailbox import MailboxKind
from inbox_agent.records.people import Role
from inbox_agent.records.reply import OutgoingReply, ReplyState
from inbox_agent.review import access
from inbox_agent.review.views import Viewer

USER, PASSWORD = "faults", "faults-password"
ADDRESS, GRAPH_ADDRESS = "debiteuren@faults.example", "ar@faults.example"
BUSY_SECONDS = 4
"""How long a worker waits for a locked SQLite database; 30 in an installation."""

_ENDS = 50
"""So often may it end by itself: a database that is locked or full while it starts is a reason to."""

_TEXTS = (
    "Kunt u mij een kopie sturen van factuur 26{0:05d}?",
    "Factuur 26{0:05d} klopt niet: de prijs is hoger dan afgesproken.",
    "Wij betalen factuur 26{0:05d} volgende week vrijdag.",
    "Please send us a statement of account. Invoice 26{0:05d} is unknown to us.",
)


def letter(number: int, seed: int, to: str = ADDRESS) -> tuple[str, bytes]:
    """A mail from its own correspondent, and its Message-ID."""
    message_id = f"<{number}.{seed}.{to}>"
    head = (
        f"From: Klant {number} <klant@bedrijf{number}.example>\r\nTo: {to}\r\nSubject: Factuur {number}\r\n"
        f"Message-ID: {message_id}\r\nDate: Tue, 24 Nov 2026 09:00:00 +0100\r\n\r\n"
    )
    text = _TEXTS[number % len(_TEXTS)].format(number)
    return message_id, f"{head}Goedemorgen,\r\n\r\n{text}\r\n\r\nGroet,\r\nKlant {number}\r\n".encode()


class Scene:
    """Servers and database of one run, below `folder`; `worker` may be killed, and is started again by `work`."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.plan = plan
        self.chance = Random(plan.seed)
        self.began = time.monotonic()
        self.dovecot = Dovecot.start(folder / "dovecot", users={USER: PASSWORD})
        self.wire = Wire(self.dovecot.port)
        self.sink = SmtpSink.start()
        self.graph = GraphService()
        self.box = self.graph.box(GRAPH_ADDRESS)
        self.authority = Authority(folder / "authority")
        data = folder / "data"
        self.database = Path(data / "inbox-agent.db")
        url = plan.database_url or f"sqlite:///{self.database}"
        self.engine = db.create_engine(url)
        self.queue = Queue(self.engine)
        self.environment = {
            **os.environ,
            "INBOX_AGENT_DATA_DIR": str(data),
            "INBOX_AGENT_DATABASE_URL": plan.database_url or f"{url}?timeout={BUSY_SECONDS}",
            "INBOX_AGENT_CLASSIFIER": plan.classifier,
            "INBOX_AGENT_LOG_LEVEL": "error",
            "INBOX_AGENT_POLL_SECONDS": "2",
            "FAULTS_PASSWORD": PASSWORD,
        }
        self.worker: Program | None = None
        self.log = folder / "worker.log"
        self.ended_alone = 0
        self.delivered: list[str] = []
        self.viewer = self._found()

    def __enter__(self) -> "Scene":
        self.graph.__enter__()
        self.authority.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_worker()
        self.engine.dispose()
        self.graph.__exit__(kind, error, trace)
        self.authority.__exit__(kind, error, trace)
        self.sink.stop()
        self.wire.close()
        self.dovecot.stop()

    def late(self, share: float) -> bool:
        """Whether this share of the plan's time is over."""
        return time.monotonic() > self.began + share * self.plan.minutes * 60

    def work(self) -> None:
        """Sees that a worker runs, as a service manager would. Raises `InboxAgentError` when it does not stay."""
        if self.worker is not None and self.worker.poll() is not None:
            self.ended_alone += 1
            self.worker = None
            if self.ended_alone > _ENDS:
                said = self.log.read_text("utf-8", "replace").strip().splitlines()[-1:]
                raise InboxAgentError(f"The worker ended {self.ended_alone} times by itself. It said: {''.join(said)}")
        if self.worker is None:
            self.worker = Program(self.environment, "worker", out=self.log, err=self.log)

    def kill_worker(self) -> None:
        """SIGKILL: nothing of ours can tidy up."""
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait()
            self.worker = None

    def stop_worker(self) -> None:
        """Ends it as a service manager would."""
        if self.worker is not None:
            self.worker.terminate()
            try:
                self.worker.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.kill_worker()
            self.worker = None

    def deliver(self, count: int) -> None:
        """So many further mails arrive, each from its own correspondent."""
        for _ in range(count):
            self.dovecot.drop(USER, self.letter())

    def letter(self) -> bytes:
        """The next mail, which counts as delivered to Dovecot."""
        message_id, raw = letter(len(self.delivered), self.plan.seed)
        self.delivered.append(message_id)
        return raw

    def await_progress(self, steps: int, seconds: float) -> None:
        """Waits until so many mails more were stored or read, at most so long."""
        until, before = time.monotonic() + seconds, sum(self.counted())
        while sum(self.counted()) < before + steps and time.monotonic() < until:
            self.work()
            time.sleep(0.05)

    def counted(self) -> tuple[int, int]:
        """Mails stored that people sent us, and those of them that are settled: read, parked or ignored."""
        settled = func.count().filter(col(StoredMail.state) != MailState.FETCHED)
        with db.reading(self.engine) as session:
            stored, done = session.exec(select(func.count(), settled).where(~col(StoredMail.is_sent))).one()
        return stored, done

    def replies(self) -> Counter[ReplyState]:
        """How many replies are in each state."""
        with db.reading(self.engine) as session:
            counted = session.exec(select(OutgoingReply.state, func.count()).group_by(OutgoingReply.state)).all()
        return Counter({ReplyState(state): count for state, count in counted})

    def settle(self, is_done: Callable[[], bool], state: Callable[[], object], patience: float) -> None:
        """Waits until it is done; gives up when `state` did not move for so many seconds."""
        seen, since = state(), time.monotonic()
        while not is_done() and time.monotonic() < since + patience:
            self.work()
            time.sleep(0.1)
            if (now := state()) != seen:
                seen, since = now, time.monotonic()

    def message_ids(self, folder: str) -> list[str]:
        """The Message-ID of each mail that lies in a folder on the server."""
        with IMAPClient("127.0.0.1", port=self.dovecot.port, ssl=False) as client:
            client.login(USER, PASSWORD)
            client.select_folder(folder, readonly=True)
            field = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
            found = client.fetch(uids, [field]) if (uids := client.search()) else {}
        return [
            value.decode().partition(":")[2].strip()
            for data in found.values()
            for key, value in data.items()
            if b"BODY" in key
        ]

    def _found(self) -> Viewer:
        schema.upgrade(self.engine)
        server = {"host": "127.0.0.1", "security": "none"}
        options = {
            **server,
            "port": self.wire.port,
            "user": USER,
            "password": "env:FAULTS_PASSWORD",
            "smtp": {**server, "port": self.sink.port, "user": "", "password": ""},
        }
        with db.writing(self.engine) as session:
            mailbox = save(session, "faults", ADDRESS, MailboxKind.IMAP, options)
            self.mailbox_id = mailbox.id or 0
            self.graph_mailbox_id = 0
            if self.plan.graph_replies:
                oauth = self.authority.options("env:FAULTS_PASSWORD")
                graph = {"mailbox": GRAPH_ADDRESS, "base_url": self.graph.base_url, "oauth": oauth}
                self.graph_mailbox_id = save(session, "graph", GRAPH_ADDRESS, MailboxKind.GRAPH, graph).id or 0
            person = access.add_controller(
                session,
                "sanne@faults.example",
                "Sanne",
                "faults-password",
                Role.CONTROLLER,
                "nl",
                ("Debiteuren",),
                db.now(),
            )
            assert person.id is not None
            mailboxes = (self.mailbox_id, self.graph_mailbox_id)
            return Viewer(person.id, person.name, person.email, person.role, "nl", mailboxes, "")
