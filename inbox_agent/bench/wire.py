"""A wire between a program and a server on this machine that can be cut in the middle of an answer."""

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType

_CHUNK = 16_384
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on with no time: closing sends RST instead of FIN, as a firewall or a crash does."""


class Wire:
    """Forwards `port` on loopback to `target`. Each `cut` breaks the next connection whose answer has `at` in it, right there."""

    def __init__(self, target: int, at: bytes = b" FETCH (") -> None:
        self._target, self._at = target, at
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._armed = threading.Semaphore(0)
        self.cuts = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """The next answer of that kind ends in its middle."""
        self._armed.release()

    def close(self) -> None:
        """Takes no more connections."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(timeout=5)

    def __enter__(self) -> "Wire":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=10)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for source, sink, answers in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._forward, args=(source, sink, answers), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        try:
            while chunk := source.recv(_CHUNK):
                if answers and self._at in chunk and self._armed.acquire(blocking=False):
                    sink.sendall(chunk[: chunk.index(self._at) + len(self._at) + 40])
                    self.cuts += 1
                    for end in (source, sink):
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    return
                sink.sendall(chunk)
        except OSError:
            return
        finally:
            for end in (source, sink):
                # A thread that waits in recv keeps a closed socket open: it has to be woken.
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
