"""Jinja2: one environment per interface language, what every template may use, and how text from mail is made harmless.

Every string that a template shows passes `visible` first and is then escaped; there is no way around either but `Markup`.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from babel import dates, lists, numbers
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from inbox_agent.domain.danger import DangerSign
from inbox_agent.domain.money import Money
from inbox_agent.domain.verdict import Verdict
from inbox_agent.review.views import ProposedRecord
from web import dangers
from web.labels import label
from web.sentences import translated
from web.translation import Interface, interfaces
from web.verdicts import msgid

WEB = Path(__file__).parent
ZONE = ZoneInfo("Europe/Amsterdam")

_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def visible(text: str) -> str:
    """`text` in its logical order: marks that make a reader see another order are left out, control characters shown as `�`."""
    return _CONTROL.sub("�", _REORDERING.sub("", text))


def assets() -> dict[str, str]:
    """Static file -> its address with a hash of its content, so that browsers may keep it for a year."""
    addresses = {}
    for path in sorted((WEB / "static").iterdir()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        addresses[path.name] = f"/static/{path.name}?v={digest}"
    return addresses


class Renderer:
    """Renders templates in any interface language."""

    def __init__(self) -> None:
        self.interfaces = interfaces()
        addresses = assets()
        self._templates = {
            code: Jinja2Templates(env=environment(interface, addresses)) for code, interface in self.interfaces.items()
        }

    def render(
        self,
        request: Request,
        language: str,
        name: str,
        context: dict[str, Any],
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """The response for one template. `language` that is not there: the first."""
        chosen = language if language in self.interfaces else next(iter(self.interfaces))
        shared = {"language": chosen, "languages": tuple(self.interfaces), "viewer": None, "alarms": ()}
        vary = {"Vary": "HX-Request, HX-Target, Cookie", **(headers or {})}
        return self._templates[chosen].TemplateResponse(request, name, {**shared, **context}, status, vary)


def environment(interface: Interface, addresses: dict[str, str]) -> jinja2.Environment:
    """The environment of one language."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
        extensions=["jinja2.ext.i18n"],
    )
    install: Callable[..., None] = env.install_gettext_translations  # type: ignore[attr-defined]
    install(interface.translations, newstyle=True)
    env.filters.update(_filters(interface))
    env.globals["asset"] = addresses.__getitem__
    return env


def _finalize(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _filters(interface: Interface) -> dict[str, Callable[..., str]]:
    locale = interface.locale

    def word(member: StrEnum) -> str:
        return interface._(label(member))

    def sentence(text: str) -> str:
        return translated(text, interface)

    def money(amount: Money) -> str:
        return numbers.format_currency(amount.decimal, amount.currency, locale=locale)

    def figure(amount: Money) -> str:
        return numbers.format_decimal(amount.decimal, "#,##0.00", locale=locale)

    def day(on: date) -> str:
        return dates.format_date(on, "d MMM y", locale=locale)

    def record_line(record: ProposedRecord) -> str:
        """What a record says, in one line."""
        pieces = (
            word(record.reason) if record.reason else "",
            ", ".join(record.invoices),
            money(record.amount) if record.amount else "",
            day(record.on_date) if record.on_date else "",
        )
        return " · ".join(piece for piece in pieces if piece)

    def verdict(found: Verdict) -> str:
        by, expected = found.by, found.expected
        return interface._(
            msgid(found),
            by=money(Money(abs(by.minor), by.currency)) if by else "",
            expected=money(expected) if expected else "",
            number=found.number,
            numbers=lists.format_list(list(found.numbers), locale=locale),
            count=len(found.numbers),
            days=found.days,
            limit=found.limit,
            on=day(found.on) if found.on else "",
            customer=found.customer.name if found.customer else "",
            written=found.written,
        )

    def danger(sign: DangerSign) -> str:
        return interface._(dangers.msgid(sign), value=dangers.shown(sign), other=sign.other)

    def instant(at: datetime) -> str:
        return dates.format_datetime(at, "EEE d MMM y, HH:mm", tzinfo=ZONE, locale=locale)

    def age(at: datetime, now: datetime) -> str:
        seconds = max(0, round((now - at).total_seconds()))
        if seconds < 60:
            return interface._("now")
        return dates.format_timedelta(seconds, granularity="minute", threshold=1, format="short", locale=locale)

    def percent(share: float) -> str:
        return numbers.format_percent(share, "0%", locale=locale)

    def size(count: int) -> str:
        if count < 1024 * 1024:
            return f"{numbers.format_decimal(max(1, round(count / 1024)), locale=locale)} kB"
        return f"{numbers.format_decimal(round(count / 1024 / 1024, 1), locale=locale)} MB"

    return {
        "word": word,
        "sentence": sentence,
        "money": money,
        "figure": figure,
        "record_line": record_line,
        "day": day,
        "verdict": verdict,
        "danger": danger,
        "instant": instant,
        "age": age,
        "percent": percent,
        "size": size,
    }
