"""What tells whose mail it is: keys of names and domains, accounts of customers, what a person chose; danger on a reading."""

import sqlalchemy as sa
from alembic import op

from inbox_agent.ledger.keys import domain_key, name_key, number_key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("customer") as table:
        table.add_column(sa.Column("name_key", sa.String(length=200), nullable=False, server_default=""))
        table.create_index(op.f("ix_customer_name_key"), ["name_key"])
        table.create_index(op.f("ix_customer_vat_number"), ["vat_number"])
    with op.batch_alter_table("contact") as table:
        table.add_column(sa.Column("name_key", sa.String(length=200), nullable=False, server_default=""))
        table.add_column(sa.Column("domain_key", sa.String(length=80), nullable=False, server_default=""))
        table.create_index(op.f("ix_contact_name_key"), ["name_key"])
        table.create_index(op.f("ix_contact_domain_key"), ["domain_key"])
    op.create_table(
        "customer_iban",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_iban_customer_id_customer")),
        sa.PrimaryKeyConstraint("customer_id", "iban", name=op.f("pk_customer_iban")),
    )
    op.create_index(op.f("ix_customer_iban_iban"), "customer_iban", ["iban"])
    op.create_table(
        "remembered_sender",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("remembered_by", sa.Integer(), nullable=False),
        sa.Column("remembered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_remembered_sender_mailbox_id_mailbox")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_remembered_sender_customer_id_customer")
        ),
        sa.ForeignKeyConstraint(
            ["remembered_by"], ["controller.id"], name=op.f("fk_remembered_sender_remembered_by_controller")
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["controller.id"], name=op.f("fk_remembered_sender_ended_by_controller")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remembered_sender")),
    )
    op.create_index(op.f("ix_remembered_sender_customer_id"), "remembered_sender", ["customer_id"])
    op.create_index(
        "uq_remembered_sender_holding",
        "remembered_sender",
        ["mailbox_id", "sender"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    with op.batch_alter_table("mail") as table:
        table.add_column(sa.Column("chosen_customer_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_mail_chosen_customer_id_customer"), "customer", ["chosen_customer_id"], ["id"]
        )
        table.create_index("ix_mail_sender", ["mailbox_id", "sender_email"])
    with op.batch_alter_table("triage") as table:
        table.add_column(sa.Column("certainty", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("is_dangerous", sa.Boolean(), nullable=False, server_default=sa.false()))
    _write_keys(op.get_bind())


def _write_keys(connection: sa.Connection) -> None:
    """The keys of what was imported before there were any."""
    customer = sa.table("customer", *map(sa.column, ("id", "name", "vat_number", "name_key")))
    contact = sa.table("contact", *map(sa.column, ("id", "name", "domain", "name_key", "domain_key")))
    for row in connection.execute(sa.select(customer)).all():
        keys = {"name_key": name_key(row.name), "vat_number": number_key(row.vat_number)}
        connection.execute(sa.update(customer).where(customer.c.id == row.id).values(keys))
    for row in connection.execute(sa.select(contact)).all():
        keys = {"name_key": name_key(row.name), "domain_key": domain_key(row.domain)}
        connection.execute(sa.update(contact).where(contact.c.id == row.id).values(keys))


def downgrade() -> None:
    with op.batch_alter_table("triage") as table:
        table.drop_column("is_dangerous")
        table.drop_column("certainty")
    with op.batch_alter_table("mail") as table:
        table.drop_index("ix_mail_sender")
        table.drop_constraint(op.f("fk_mail_chosen_customer_id_customer"), type_="foreignkey")
        table.drop_column("chosen_customer_id")
    op.drop_table("remembered_sender")
    op.drop_table("customer_iban")
    with op.batch_alter_table("contact") as table:
        table.drop_index(op.f("ix_contact_domain_key"))
        table.drop_index(op.f("ix_contact_name_key"))
        table.drop_column("domain_key")
        table.drop_column("name_key")
    with op.batch_alter_table("customer") as table:
        table.drop_index(op.f("ix_customer_vat_number"))
        table.drop_index(op.f("ix_customer_name_key"))
        table.drop_column("name_key")
