"""Settings: environment variables `INBOX_AGENT_*`, then an optional TOML file, then the defaults below.

The README's table lists them; a test compares the two. Read once, by `load()`, never at import.
"""

import tomllib
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as SourceError

from inbox_agent.domain.errors import SettingsError
from inbox_agent.domain.sending import SendingRules
from inbox_agent.domain.verdict import Policy


class RawPlace(StrEnum):
    """Where raw mail is kept."""

    DATABASE = "database"
    FOLDER = "folder"


class Settings(BaseSettings):
    """Everything that can be set from outside. Descriptions are shown in the README."""

    model_config = SettingsConfigDict(env_prefix="INBOX_AGENT_", extra="forbid", frozen=True)

    config: Path | None = Field(None, description="TOML file with these settings (names in lower case)")
    data_dir: Path = Field(Path("inbox-agent-data"), description="folder for the embedded database, locks and raw mail")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in `data_dir`")
    raw_place: RawPlace = Field(RawPlace.DATABASE, description="where raw mail is kept: `database` or `folder`")
    secrets_file: Path | None = Field(None, description='TOML file `name = "secret"`, readable by its owner only')
    token_key: str = Field(
        "",
        description="where the key to kept sign-ins is: `env:NAME`, `file:KEY` or `keyring:NAME`; "
        "empty: made once in `data_dir`",
    )
    host: str = Field("127.0.0.1", description="address that `serve` listens on")
    port: int = Field(8000, ge=0, le=65535, description="port that `serve` listens on")
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s/?#]+[^\s?#]*)?$",
        description="address at which Microsoft 365 reaches the pages (`https://…`), for change notifications; empty: none",
    )
    secure_cookies: bool = Field(False, description="set behind https: session cookies are sent over https only")
    session_hours: int = Field(12, ge=1, le=720, description="a sign-in ends after so many hours")
    interface_language: Literal["nl", "en"] = Field("nl", description="language of the pages before sign-in")
    classifier: str = Field(
        "fine-tuned", description="which classifier reads intents: `fine-tuned`, `phrases`, or a model file"
    )
    poll_seconds: float = Field(15.0, gt=0, le=300, description="how often a mailbox is asked when it cannot push")
    audit_minutes: float = Field(
        60.0, gt=0, le=1440, description="how often everything in a mailbox is compared with what was taken in"
    )
    triage_threads: int = Field(2, ge=1, le=32, description="mails read at the same time by one worker")
    authserv_id: str = Field(
        "", description="name that the own mail server writes in Authentication-Results; empty: the topmost one counts"
    )
    max_mail_megabytes: int = Field(60, ge=1, le=60, description="larger mails are parked unread")
    promise_days: int = Field(
        30,
        ge=0,
        le=3650,
        description="a promised date more than so many days after the mail is marked as beyond policy",
    )
    amount_tolerance: Decimal = Field(
        Decimal("1.00"),
        ge=0,
        le=1000,
        description="an amount that differs from the ledger by at most this is taken as equal",
    )
    hold_seconds: int = Field(
        10, ge=0, le=600, description="an approved reply waits so many seconds and can be taken back; 0: none"
    )
    replies_per_hour: int = Field(
        10, ge=1, le=1000, description="at most so many replies leave a mailbox for one address within an hour"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is logged")
    log_format: Literal["console", "json"] = Field("console", description="`json` for log collectors")
    metrics_token: SecretStr | None = Field(None, description="if set, `/metrics` asks for it as a bearer token")

    @property
    def policy(self) -> Policy:
        """What every own company accepts, for the verdicts beside the fields of a mail."""
        return Policy(self.promise_days, self.amount_tolerance)

    @property
    def sending(self) -> SendingRules:
        """What holds for every reply."""
        return SendingRules(timedelta(seconds=self.hold_seconds), self.replies_per_hour)

    @property
    def raw_folder(self) -> Path | None:
        """The folder of raw mail; None: raw mail lies in the database."""
        return self.data_dir / "raw" if self.raw_place is RawPlace.FOLDER else None

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force. A bare `postgresql://` gets the installed driver."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'inbox-agent.db').absolute()}"
        for short in ("postgresql://", "postgres://"):
            if self.database_url.startswith(short):
                return "postgresql+psycopg://" + self.database_url.removeprefix(short)
        return self.database_url

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the TOML file named by either (else `inbox-agent.toml` here, if any)."""
        named = init_settings().get("config") or env_settings().get("config")
        path = Path(named) if named else Path("inbox-agent.toml")
        if named and not path.is_file():
            raise SettingsError(f"There is no settings file {path}. Correct INBOX_AGENT_CONFIG or create the file.")
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path)


def load(**overrides: object) -> Settings:
    """The settings in force. Raises `SettingsError` that names the setting and what is wrong with it."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"The setting {name} (environment: INBOX_AGENT_{name.upper()}) is wrong: {first['msg']}."
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError("The settings file is not UTF-8 text. Save it as UTF-8.") from error
    except OSError as error:
        raise SettingsError(
            f"The settings file {error.filename} cannot be read ({error.strerror}). Correct its permissions."
        ) from error
    except (SourceError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The settings cannot be read: {error}.") from error
