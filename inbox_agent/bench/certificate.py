"""A self-signed certificate for a server on this machine: good, expired, or for another host."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path


def make_certificate(folder: Path, host: str = "localhost", expired: bool = False) -> tuple[Path, Path]:
    """Writes `certificate.pem` and `key.pem` into `folder`; the first can serve as `ca_file`. Needs the `openssl` program."""
    certificate, key, request = folder / "certificate.pem", folder / "key.pem", folder / "request.pem"
    names = "DNS:localhost,IP:127.0.0.1" if host == "localhost" else f"DNS:{host}"
    now = datetime.now(UTC)
    begin, end = (
        (now - timedelta(days=30), now - timedelta(days=1))
        if expired
        else (now - timedelta(days=1), now + timedelta(days=30))
    )
    settings = folder / "openssl.cnf"
    settings.write_text(
        f"[ca]\ndefault_ca=here\n[here]\nnew_certs_dir={folder}\ndatabase={folder}/index.txt\nserial={folder}/serial\n"
        "default_md=sha256\npolicy=any\nrand_serial=yes\nunique_subject=no\n[any]\ncommonName=supplied\n"
        f"[server]\nsubjectAltName={names}\nbasicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\n"
        "[req]\ndistinguished_name=name\n[name]\n",
        "utf-8",
    )
    (folder / "index.txt").touch()
    _openssl(
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-config", str(settings),
        "-subj", f"/CN={host}", "-keyout", str(key), "-out", str(request),
    )  # fmt: skip
    _openssl(
        "ca", "-batch", "-selfsign", "-notext", "-config", str(settings), "-extensions", "server", "-keyfile", str(key),
        "-in", str(request), "-out", str(certificate),
        "-startdate", f"{begin:%Y%m%d%H%M%SZ}", "-enddate", f"{end:%Y%m%d%H%M%SZ}",
    )  # fmt: skip
    return certificate, key


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
