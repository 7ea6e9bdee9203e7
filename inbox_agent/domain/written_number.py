"""Document numbers as people write them, compared with those of the ledger."""

from collections.abc import Iterable

_TAIL = 3
"""So many last digits stand for a whole number ("298" for 2026-0298)."""


def bare(number: str) -> str:
    """Letters and digits only, in lower case."""
    return "".join(filter(str.isalnum, number.casefold()))


def spellings(written: str) -> tuple[str, ...]:
    """How the ledger may spell a number: as written, in capitals, without blank space, without letters in front."""
    close = "".join(written.split())
    digits = close.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.:#/_- ")
    wanted = (written, close, close.upper(), digits)
    return tuple(dict.fromkeys(one for one in wanted if len(one) > _TAIL))


def unlinked(written: Iterable[str], mentions: Iterable[str], numbers: Iterable[str]) -> tuple[str, ...]:
    """Those of `written` that led nowhere, each once: not part of a mention that led to a row, not the end of a number.

    `mentions` are the words that led to rows; `numbers` are the ledger's.
    """
    once: dict[str, str] = {}
    for number in written:
        if bare(number):
            once.setdefault(bare(number), number)
    if not once:
        return ()
    led = {bare(mention) for mention in mentions}
    known = tuple({bare(number) for number in numbers})
    return tuple(
        number
        for key, number in once.items()
        if not any(key in mention for mention in led) and not _is_end(_tail(number), known)
    )


def _is_end(tail: str, known: tuple[str, ...]) -> bool:
    return any(number.endswith(tail) for number in known)


def _tail(number: str) -> str:
    """The digits without leading zeros; the bare number when they are too few to tell."""
    digits = "".join(character for character in number if character.isdigit()).lstrip("0")
    return digits if len(digits) >= _TAIL else bare(number)
