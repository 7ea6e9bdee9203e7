"""ERP exports written into a folder: a valid one, to be broken by a test."""

from pathlib import Path

LAYOUT = """\
[company]
code = "HMT"
name = "Halvermaan Techniek B.V."
ibans = ["NL91 VBNK 0417 8832 18"]
[company.number_series]
invoice = "2670\\\\d{4}"
[format]
delimiter = ";"
decimal = ","
date = "%d-%m-%Y"
encoding = "utf-8-sig"
[values.invoices.kind]
Factuur = "invoice"
Creditnota = "credit_note"
"""

FILES = {
    "customers": "number;name;language;country\n10014;De Boer & Zn.;nl;NL\n10027;Zonneschijn;es;NL\n",
    "contacts": "customer_number;email;name\n10014;Jan@Boer.example;Jan\n10027;accountant@x.example;Piet\n",
    "invoices": (
        "number;kind;customer_number;issued_on;due_on;amount;open_amount\n"
        "26700001;Factuur;10014;01-10-2026;31-10-2026;1.250,00;1.250,00\n"
        "26700002;Factuur;10027;01-10-2026;31-10-2026;121,00;0,00\n"
        "C260001;Creditnota;10014;05-10-2026;05-10-2026;-50,00;-50,00\n"
    ),
    "payments": "reference;customer_number;invoice_number;paid_on;amount\nBNK1;10027;26700002;20-10-2026;121,00\n",
}


def write_export(folder: Path, layout: str = LAYOUT, **files: str | bytes | None) -> Path:
    """Writes the valid export with some files replaced, or left out (None)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ledger.toml").write_text(layout, "utf-8")
    for name, content in (FILES | files).items():
        path = folder / f"{name}.csv"
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def with_row(name: str, row: str) -> dict[str, str]:
    """The valid file with one more row."""
    return {name: FILES[name] + row + "\n"}
