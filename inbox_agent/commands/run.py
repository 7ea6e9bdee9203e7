"""`inbox-agent worker` and `inbox-agent serve`: the two roles."""

import signal
import socket
from types import FrameType

from inbox_agent import bootstrap, log
from inbox_agent.domain.errors import SettingsError
from inbox_agent.settings import Settings, load


def worker() -> None:
    """Take in mail, read it, deliver approved replies. Runs until it is stopped."""
    settings = load()
    log.configure(settings)
    running = bootstrap.worker(settings)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        running.stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    running.run()


def serve() -> None:
    """Serve the review queue. Opens no mailbox and loads no model."""
    settings = load()
    log.configure(settings)
    bootstrap.open_database(settings).dispose()
    run_web(settings)


def run_web(settings: Settings) -> None:
    """Serves the pages until stopped. Raises `SettingsError` when the port is taken."""
    import uvicorn

    check_port(settings)
    uvicorn.run(
        "web.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def check_port(settings: Settings) -> None:
    """Raises `SettingsError` when nothing can listen there, before anything was started."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SettingsError(
                f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}). "
                "Stop the other program, or set INBOX_AGENT_PORT to a free port."
            ) from error
