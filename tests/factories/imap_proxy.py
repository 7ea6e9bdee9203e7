"""Stands between a source and its IMAP server: keeps what was asked, and makes the server worse on demand."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

_COMMAND = re.compile(rb"(\S+) (.*)\r\n")


@dataclass
class ImapProxy:
    """Change its fields while it runs. `asked` are the commands, without their tags. `refused` commands get the answer NO,
    `cut` ones the end of the connection; `hidden` words vanish from what the server says."""

    port: int
    asked: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    hidden: tuple[bytes, ...] = ()

    def fetched(self) -> set[int]:
        """UIDs of which anything was fetched."""
        uids: set[int] = set()
        for command in self.asked:
            if command.startswith("UID FETCH"):
                for one in command.split()[2].split(","):
                    low, _, high = one.partition(":")
                    uids.update(range(int(low), int(high or low) + 1))
        return uids


@contextmanager
def imap_proxy(host: str, port: int) -> Iterator[ImapProxy]:
    """Listens on loopback until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = ImapProxy(server.getsockname()[1])
        Thread(target=_accept, args=(server, host, port, proxy), daemon=True).start()
        yield proxy
        server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, host: str, port: int, proxy: ImapProxy) -> None:
    with suppress(OSError):
        while True:
            client, _ = server.accept()
            upstream = socket.create_connection((host, port))
            for one in (client, upstream):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=_ask, args=(client, upstream, proxy), daemon=True).start()
            Thread(target=_answer, args=(upstream, client, proxy), daemon=True).start()


def _ask(client: socket.socket, upstream: socket.socket, proxy: ImapProxy) -> None:
    with suppress(OSError), client, upstream, client.makefile("rb") as lines:
        for line in lines:
            found = _COMMAND.fullmatch(line)
            command = found[2].decode("utf-8", "replace") if found else ""
            if command:
                proxy.asked.append(command)
            if any(command.startswith(one) for one in proxy.cut):
                client.shutdown(socket.SHUT_RDWR)
                return
            if found and any(command.startswith(one) for one in proxy.refused):
                client.sendall(found[1] + b" NO not today\r\n")
            else:
                upstream.sendall(line)
        upstream.shutdown(socket.SHUT_RDWR)


def _answer(upstream: socket.socket, client: socket.socket, proxy: ImapProxy) -> None:
    with suppress(OSError), upstream.makefile("rb") as lines:
        for line in lines:
            for word in proxy.hidden:
                line = line.replace(word, b"")
            client.sendall(line)
        client.shutdown(socket.SHUT_RDWR)
