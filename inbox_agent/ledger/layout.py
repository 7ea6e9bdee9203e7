"""How an ERP's export reads: its `ledger.toml`.

    [company]                    code, name, and optionally country ("NL"), language ("nl"), ibans
    [company.number_series]      invoice, credit_note: regular expressions of the company's own numbers
    [format]                     delimiter (";"), decimal (","), date ("%d-%m-%Y"), encoding ("utf-8-sig")
    [columns.<file>]             our field = "their header"; without the section their headers are our field names
    [values.<file>.<field>]      "their word" = "our value", for kind, language and currency

The files are customers.csv and invoices.csv, and where there are any contacts.csv and payments.csv. A customer's `vat_number`
and `ibans` (several parted by commas) help to tell who writes.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from inbox_agent.domain.errors import LedgerError
from inbox_agent.domain.ledger import Company, InvoiceKind
from inbox_agent.domain.taxonomy import Language

FILE = "ledger.toml"
_LARGEST = 1_000_000

FIELDS: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {
        "customers": {"number": True, "name": True, "language": False, "country": False, "vat_number": False,
                      "ibans": False},
        "contacts": {"customer_number": True, "email": True, "name": False, "phone": False},
        "invoices": {
            "number": True, "customer_number": True, "issued_on": True, "due_on": True, "amount": True,
            "open_amount": True, "kind": False, "currency": False, "po_number": False,
        },
        "payments": {
            "reference": True, "customer_number": True, "paid_on": True, "amount": True,
            "invoice_number": False, "currency": False,
        },
    }
)  # fmt: skip
"""File (without .csv) -> our fields -> whether the file must have it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One export's own conventions. `columns` has an entry for a file only where the headers are mapped."""

    company: Company
    delimiter: str
    decimal: str
    date_format: str
    encoding: str
    columns: Mapping[str, Mapping[str, str]]
    values: Mapping[str, Mapping[str, Mapping[str, str]]]


def read_layout(folder: Path) -> Layout:
    """The layout in `folder/ledger.toml`. Raises `LedgerError` that names what is missing or wrong in it."""
    path = folder / FILE
    try:
        if path.stat().st_size > _LARGEST:
            raise LedgerError(f"{path} is larger than {_LARGEST} bytes. It should only describe the export.")
        return parse_layout(tomllib.loads(path.read_text("utf-8-sig")))
    except OSError as error:
        raise LedgerError(f"{path} cannot be read: {error.strerror}. Name the folder that holds {FILE}.") from error
    except UnicodeDecodeError as error:
        raise LedgerError(f"{path} is not UTF-8. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise LedgerError(f"{path} is not valid TOML: {error}. Correct that line.") from error
    except ValueError as error:
        raise LedgerError(f"{path}: {error}. Correct it.") from error


def parse_layout(document: Mapping[str, Any]) -> Layout:
    """The layout from the parsed TOML. Raises `ValueError` with what is wrong."""
    shape = _table(document, "format")
    layout = Layout(
        company=_company(_table(document, "company")),
        delimiter=_text(shape, "delimiter", ";"),
        decimal=_text(shape, "decimal", ","),
        date_format=_text(shape, "date", "%d-%m-%Y"),
        encoding=_text(shape, "encoding", "utf-8-sig"),
        columns=_columns(_table(document, "columns")),
        values=_values(_table(document, "values")),
    )
    if len(layout.delimiter) != 1 or layout.delimiter in '"\r\n\0':
        raise ValueError("[format] delimiter must be one character")
    if layout.decimal not in (",", "."):
        raise ValueError('[format] decimal must be "," or "."')
    _check_date_format(layout.date_format)
    try:
        b"".decode(layout.encoding)
        "".encode(layout.encoding)
    except (LookupError, UnicodeError) as error:
        raise ValueError(f"[format] encoding {layout.encoding!r} is not a text encoding") from error
    return layout


def _company(table: Mapping[str, Any]) -> Company:
    code, name = _text(table, "code"), _text(table, "name")
    if not code or not name or len(code) > 32 or len(name) > 200:
        raise ValueError("[company] needs a code (at most 32 characters) and a name (at most 200)")
    country = _text(table, "country", "NL").upper()
    if not re.fullmatch("[A-Z]{2}", country):
        raise ValueError("[company] country must be two letters")
    language = _text(table, "language", Language.NL.value)
    if language not in set(Language):
        raise ValueError(f"[company] language must be one of {', '.join(Language)}")
    ibans = table.get("ibans", [])
    if not isinstance(ibans, list):
        raise ValueError("[company] ibans must be a list")
    return Company(
        code=code,
        name=name,
        country=country,
        language=Language(language),
        ibans=tuple(dict.fromkeys(_iban(one) for one in ibans)),
        number_series=_series(_table(table, "number_series")),
    )


def _iban(written: object) -> str:
    """Without spaces, in capitals; checked by length, structure and check digits (ISO 13616)."""
    try:
        return str(IBAN(str(written)).compact)
    except SchwiftyException as error:
        raise ValueError(f"[company] IBAN {written} is not valid: {error}") from error


def _series(table: Mapping[str, Any]) -> tuple[tuple[InvoiceKind, str], ...]:
    found = []
    for kind, pattern in table.items():
        if kind not in set(InvoiceKind):
            raise ValueError(f"[company.number_series] has {kind!r}; it may have {', '.join(InvoiceKind)}")
        try:
            compiled = re.compile(pattern)
        except (re.error, TypeError) as error:
            raise ValueError(f"[company.number_series] {kind} is not a regular expression: {error}") from error
        if len(pattern) > 200 or compiled.fullmatch(""):
            raise ValueError(
                f"[company.number_series] {kind} must be at most 200 characters and must not match nothing"
            )
        found.append((InvoiceKind(kind), pattern))
    return tuple(found)


def _check_date_format(date_format: str) -> None:
    sample = date(2026, 3, 19)
    try:
        read = datetime.strptime(sample.strftime(date_format), date_format).date()  # noqa: DTZ007 - a date has no zone
    except ValueError as error:
        raise ValueError(f"[format] date {date_format!r} is not a date format: {error}") from error
    if read != sample:
        raise ValueError(f"[format] date {date_format!r} does not hold day, month and year")


def _columns(table: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    for file, mapping in table.items():
        if file not in FIELDS or not isinstance(mapping, dict):
            raise ValueError(f"[columns.{file}] is not one of {', '.join(FIELDS)}")
        unknown = sorted(mapping.keys() - FIELDS[file].keys())
        missing = sorted(field for field, needed in FIELDS[file].items() if needed and field not in mapping)
        if unknown or missing:
            what = f"has an unknown field {unknown[0]!r}" if unknown else f"lacks the field {missing[0]!r}"
            raise ValueError(f"[columns.{file}] {what}")
        if not all(isinstance(header, str) and header for header in mapping.values()):
            raise ValueError(f"[columns.{file}] must map fields to header texts")
    return table


def _values(table: Mapping[str, Any]) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    for file, fields in table.items():
        if file not in FIELDS or not isinstance(fields, dict):
            raise ValueError(f"[values.{file}] is not one of {', '.join(FIELDS)}")
        for field, words in fields.items():
            if field not in FIELDS[file] or not isinstance(words, dict):
                raise ValueError(f"[values.{file}.{field}] is not a field of {file}")
            if not all(isinstance(value, str) for value in words.values()):
                raise ValueError(f"[values.{file}.{field}] must map words to texts")
    return table


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name, {})
    if not isinstance(found, dict):
        raise ValueError(f"[{name}] must be a section")
    return found


def _text(table: Mapping[str, Any], name: str, default: str = "") -> str:
    found = table.get(name, default)
    if not isinstance(found, str) or "\x00" in found:
        raise ValueError(f"{name} must be a text")
    return found
