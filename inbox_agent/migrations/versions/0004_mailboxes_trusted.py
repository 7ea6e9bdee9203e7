"""Mailboxes that lose and double nothing: where mail lies, copies, sent mail, comparisons, holds, and threads moved by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("controller") as table:
        table.add_column(_text("signature"))
    with op.batch_alter_table("mailbox") as table:
        table.add_column(_string("language", 2))
        table.add_column(_text("signature"))
        for name in ("sign_in_expires_at", "notified_at", "audited_at"):
            table.add_column(sa.Column(name, _INSTANT, nullable=True))
    with op.batch_alter_table("mail") as table:
        table.add_column(_string("folder", 400))
        table.add_column(sa.Column("gone_at", _INSTANT, nullable=True))
        table.add_column(sa.Column("is_sent", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("answered_by_mail_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("copy_of", sa.Integer(), nullable=True))
        table.add_column(_string("content_sha256", 64))
        table.add_column(_string("conversation", 500))
        for name in ("answered_by_mail_id", "copy_of"):
            table.create_foreign_key(op.f(f"fk_mail_{name}_mail"), "mail", [name], ["id"])
        for name in ("answered_by_mail_id", "copy_of", "content_sha256"):
            table.create_index(op.f(f"ix_mail_{name}"), [name])
        table.create_index("ix_mail_conversation", ["mailbox_id", "conversation"])
        table.create_index("ix_mail_received", ["mailbox_id", "received_at"])
    with op.batch_alter_table("thread") as table:
        table.add_column(_string("subject_key", 200))
        table.create_index("ix_thread_case", ["mailbox_id", "customer_id", "subject_key"])
    with op.batch_alter_table("outgoing_reply") as table:
        table.add_column(_text("signature"))
        table.add_column(_text("quoted"))
        table.add_column(sa.Column("basis", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("cc", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("send_after", _INSTANT, nullable=True))
    op.execute("UPDATE outgoing_reply SET send_after = approved_at")
    with op.batch_alter_table("outgoing_reply") as table:
        table.alter_column("send_after", existing_type=_INSTANT, nullable=False)
        table.create_index("ix_outgoing_reply_recent", ["mailbox_id", "approved_at"])
    _create_mailbox_tables()
    _create_thread_tables()
    op.create_table(
        "reply_attachment",
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=127), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        _points("reply_attachment", "raw_sha256", "raw_mail", "sha256"),
        _points("reply_attachment", "reply_id", "outgoing_reply"),
        sa.PrimaryKeyConstraint("reply_id", "position", name=op.f("pk_reply_attachment")),
    )
    op.create_index(op.f("ix_reply_attachment_raw_sha256"), "reply_attachment", ["raw_sha256"])


def _create_mailbox_tables() -> None:
    op.create_table(
        "mailbox_day",
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("on_server", sa.Integer(), nullable=False),
        sa.Column("compared_at", _INSTANT, nullable=False),
        _points("mailbox_day", "mailbox_id", "mailbox"),
        sa.PrimaryKeyConstraint("mailbox_id", "day", name=op.f("pk_mailbox_day")),
    )
    op.create_table(
        "mailbox_difference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source_key", sa.String(length=500), nullable=False),
        sa.Column("message_id", sa.String(length=1000), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column("noticed_at", _INSTANT, nullable=False),
        _points("mailbox_difference", "mail_id", "mail"),
        _points("mailbox_difference", "mailbox_id", "mailbox"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_difference")),
    )
    op.create_index(op.f("ix_mailbox_difference_mailbox_id"), "mailbox_difference", ["mailbox_id"])
    op.create_table(
        "mailbox_subscription",
        sa.Column("subscription_id", sa.String(length=200), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("resource", sa.String(length=500), nullable=False),
        sa.Column("client_state_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        _points("mailbox_subscription", "mailbox_id", "mailbox"),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_mailbox_subscription")),
    )
    op.create_index(op.f("ix_mailbox_subscription_mailbox_id"), "mailbox_subscription", ["mailbox_id"])


def _create_thread_tables() -> None:
    op.create_table(
        "thread_invoice",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        _points("thread_invoice", "invoice_id", "invoice"),
        _points("thread_invoice", "thread_id", "thread"),
        sa.PrimaryKeyConstraint("thread_id", "invoice_id", name=op.f("pk_thread_invoice")),
    )
    op.create_index(op.f("ix_thread_invoice_invoice_id"), "thread_invoice", ["invoice_id"])
    op.create_table(
        "thread_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("from_thread_id", sa.Integer(), nullable=False),
        sa.Column("to_thread_id", sa.Integer(), nullable=False),
        sa.Column("mail_ids", sa.JSON(), nullable=False),
        sa.Column("reply_ids", sa.JSON(), nullable=False),
        sa.Column("moved_by", sa.Integer(), nullable=False),
        sa.Column("moved_at", _INSTANT, nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", _INSTANT, nullable=True),
        _points("thread_move", "from_thread_id", "thread"),
        _points("thread_move", "to_thread_id", "thread"),
        _points("thread_move", "moved_by", "controller"),
        _points("thread_move", "undone_by", "controller"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_move")),
    )
    for name in ("from_thread_id", "to_thread_id"):
        op.create_index(op.f(f"ix_thread_move_{name}"), "thread_move", [name])


def downgrade() -> None:
    for table_name in (
        "reply_attachment", "thread_move", "thread_invoice", "mailbox_subscription", "mailbox_difference", "mailbox_day",
    ):  # fmt: skip
        op.drop_table(table_name)
    with op.batch_alter_table("outgoing_reply") as table:
        table.drop_index("ix_outgoing_reply_recent")
        for name in ("send_after", "cc", "basis", "quoted", "signature"):
            table.drop_column(name)
    with op.batch_alter_table("thread") as table:
        table.drop_index("ix_thread_case")
        table.drop_column("subject_key")
    with op.batch_alter_table("mail") as table:
        table.drop_index("ix_mail_received")
        table.drop_index("ix_mail_conversation")
        for name in ("answered_by_mail_id", "copy_of", "content_sha256"):
            table.drop_index(op.f(f"ix_mail_{name}"))
        for name in ("answered_by_mail_id", "copy_of"):
            table.drop_constraint(op.f(f"fk_mail_{name}_mail"), type_="foreignkey")
        for name in (
            "conversation",
            "content_sha256",
            "copy_of",
            "answered_by_mail_id",
            "is_sent",
            "gone_at",
            "folder",
        ):
            table.drop_column(name)
    with op.batch_alter_table("mailbox") as table:
        for name in ("audited_at", "notified_at", "sign_in_expires_at", "signature", "language"):
            table.drop_column(name)
    with op.batch_alter_table("controller") as table:
        table.drop_column("signature")


def _string(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default="")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def _points(table: str, column: str, to: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.{key}"], name=op.f(f"fk_{table}_{column}_{to}"))
