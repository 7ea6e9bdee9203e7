"""Teams, controllers, and which mailbox they may see: mailbox -> team -> controller."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from inbox_agent.db import EnumText, UtcDateTime


class Role(StrEnum):
    """What somebody may do: a team lead may do all that a controller may, and re-assign and re-classify."""

    CONTROLLER = "controller"
    TEAM_LEAD = "team_lead"

    @property
    def label(self) -> str:
        """As a person reads it."""
        return self.value.replace("_", " ")


class Team(SQLModel, table=True):
    """A group of controllers that shares mailboxes."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=100, unique=True)


class Controller(SQLModel, table=True):
    """A person who signs in. `password_hash` is argon2id; `email` is lower-cased; `signature` stands below their replies."""

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(max_length=320, unique=True)
    name: str = Field(max_length=200)
    role: Role = Field(sa_type=EnumText(Role))
    password_hash: str = Field(max_length=200)
    interface_language: str = Field(default="nl", max_length=2)
    active: bool = True
    signature: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)


class TeamMember(SQLModel, table=True):
    """Who is in which team."""

    __tablename__ = "team_member"
    team_id: int = Field(foreign_key="team.id", primary_key=True)
    controller_id: int = Field(foreign_key="controller.id", primary_key=True, index=True)


class MailboxTeam(SQLModel, table=True):
    """Which team sees which mailbox."""

    __tablename__ = "mailbox_team"
    mailbox_id: int = Field(foreign_key="mailbox.id", primary_key=True)
    team_id: int = Field(foreign_key="team.id", primary_key=True, index=True)


class SignIn(SQLModel, table=True):
    """A server-side session. Only the token's SHA-256 is kept, so that a copy of the database opens nothing."""

    __tablename__ = "sign_in"
    token_hash: str = Field(max_length=64, primary_key=True)
    controller_id: int = Field(foreign_key="controller.id", index=True)
    csrf_token: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class SignInAttempt(SQLModel, table=True):
    """A refused sign-in, to slow down guessing."""

    __tablename__ = "sign_in_attempt"
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(max_length=320, index=True)
    attempted_at: datetime = Field(sa_type=UtcDateTime, index=True)
