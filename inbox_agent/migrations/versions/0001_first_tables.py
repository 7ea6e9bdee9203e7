"""The first tables: ledger, people, mailboxes, mail, readings, records, replies."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "company",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("code", name=op.f("uq_company_code")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("email", name=op.f("uq_contact_email")),
    )
    op.create_index(op.f("ix_contact_domain"), "contact", ["domain"], unique=False)
    op.create_table(
        "controller",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("interface_language", sa.String(length=2), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_controller")),
        sa.UniqueConstraint("email", name=op.f("uq_controller_email")),
    )
    op.create_table(
        "mailbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("fetched_count", sa.Integer(), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("problem_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("name", name=op.f("uq_mailbox_name")),
    )
    op.create_table(
        "raw_mail",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_raw_mail")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(op.f("ix_sign_in_attempt_attempted_at"), "sign_in_attempt", ["attempted_at"], unique=False)
    op.create_index(op.f("ix_sign_in_attempt_email"), "sign_in_attempt", ["email"], unique=False)
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "worker_slot",
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_worker_slot")),
    )
    op.create_table(
        "company_iban",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_iban_company_id_company")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_iban")),
        sa.UniqueConstraint("company_id", "iban", name=op.f("uq_company_iban_company_id_iban")),
    )
    op.create_index(op.f("ix_company_iban_company_id"), "company_iban", ["company_id"], unique=False)
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("vat_number", sa.String(length=32), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_customer_company_id_company")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_customer_company_id_number")),
    )
    op.create_index(op.f("ix_customer_company_id"), "customer", ["company_id"], unique=False)
    op.create_table(
        "mailbox_company",
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_mailbox_company_company_id_company")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_mailbox_company_mailbox_id_mailbox")),
        sa.PrimaryKeyConstraint("mailbox_id", "company_id", name=op.f("pk_mailbox_company")),
    )
    op.create_index(op.f("ix_mailbox_company_company_id"), "mailbox_company", ["company_id"], unique=False)
    op.create_table(
        "mailbox_team",
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_mailbox_team_mailbox_id_mailbox")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_mailbox_team_team_id_team")),
        sa.PrimaryKeyConstraint("mailbox_id", "team_id", name=op.f("pk_mailbox_team")),
    )
    op.create_index(op.f("ix_mailbox_team_team_id"), "mailbox_team", ["team_id"], unique=False)
    op.create_table(
        "number_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("pattern", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_number_series_company_id_company")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_series")),
        sa.UniqueConstraint("company_id", "kind", name=op.f("uq_number_series_company_id_kind")),
    )
    op.create_index(op.f("ix_number_series_company_id"), "number_series", ["company_id"], unique=False)
    op.create_table(
        "raw_piece",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["raw_mail.sha256"], name=op.f("fk_raw_piece_sha256_raw_mail")),
        sa.PrimaryKeyConstraint("sha256", "position", name=op.f("pk_raw_piece")),
    )
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("controller_id", sa.Integer(), nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["controller_id"], ["controller.id"], name=op.f("fk_sign_in_controller_id_controller")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in")),
    )
    op.create_index(op.f("ix_sign_in_controller_id"), "sign_in", ["controller_id"], unique=False)
    op.create_index(op.f("ix_sign_in_expires_at"), "sign_in", ["expires_at"], unique=False)
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("controller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name=op.f("fk_team_member_controller_id_controller")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id_team")),
        sa.PrimaryKeyConstraint("team_id", "controller_id", name=op.f("pk_team_member")),
    )
    op.create_index(op.f("ix_team_member_controller_id"), "team_member", ["controller_id"], unique=False)
    op.create_table(
        "customer_contact",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_customer_contact_contact_id_contact")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_customer_contact_customer_id_customer")
        ),
        sa.PrimaryKeyConstraint("customer_id", "contact_id", name=op.f("pk_customer_contact")),
    )
    op.create_index(op.f("ix_customer_contact_contact_id"), "customer_contact", ["contact_id"], unique=False)
    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("po_number", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invoice_company_id_company")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_invoice_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_invoice_company_id_number")),
    )
    op.create_index(op.f("ix_invoice_company_id"), "invoice", ["company_id"], unique=False)
    op.create_index(op.f("ix_invoice_customer_id"), "invoice", ["customer_id"], unique=False)
    op.create_index(op.f("ix_invoice_number"), "invoice", ["number"], unique=False)
    op.create_table(
        "thread",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("assigned_to", sa.Integer(), nullable=True),
        sa.Column("possibly_same_as", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assigned_to"], ["controller.id"], name=op.f("fk_thread_assigned_to_controller")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_thread_customer_id_customer")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_thread_mailbox_id_mailbox")),
        sa.ForeignKeyConstraint(["possibly_same_as"], ["thread.id"], name=op.f("fk_thread_possibly_same_as_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
    )
    op.create_index(op.f("ix_thread_assigned_to"), "thread", ["assigned_to"], unique=False)
    op.create_index(op.f("ix_thread_customer_id"), "thread", ["customer_id"], unique=False)
    op.create_index(op.f("ix_thread_mailbox_id"), "thread", ["mailbox_id"], unique=False)
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("source_key", sa.String(length=500), nullable=False),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(length=1000), nullable=False),
        sa.Column("sender_email", sa.String(length=320), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("automatic", sa.String(length=32), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("triaged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("handled_in_mailbox", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_mail_customer_id_customer")),
        sa.ForeignKeyConstraint(["decided_by"], ["controller.id"], name=op.f("fk_mail_decided_by_controller")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_mail_mailbox_id_mailbox")),
        sa.ForeignKeyConstraint(["raw_sha256"], ["raw_mail.sha256"], name=op.f("fk_mail_raw_sha256_raw_mail")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_mail_thread_id_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("mailbox_id", "source_key", name=op.f("uq_mail_mailbox_id_source_key")),
    )
    op.create_index("ix_mail_changed", "mail", ["mailbox_id", "changed_at"], unique=False)
    op.create_index(op.f("ix_mail_customer_id"), "mail", ["customer_id"], unique=False)
    op.create_index("ix_mail_message_id", "mail", ["mailbox_id", "message_id"], unique=False)
    op.create_index("ix_mail_queue", "mail", ["mailbox_id", "decided_at", "state", "received_at"], unique=False)
    op.create_index(op.f("ix_mail_raw_sha256"), "mail", ["raw_sha256"], unique=False)
    op.create_index(op.f("ix_mail_thread_id"), "mail", ["thread_id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_payment_company_id_company")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_payment_customer_id_customer")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_payment_invoice_id_invoice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint(
            "company_id", "reference", "invoice_id", name=op.f("uq_payment_company_id_reference_invoice_id")
        ),
    )
    op.create_index(op.f("ix_payment_company_id"), "payment", ["company_id"], unique=False)
    op.create_index(op.f("ix_payment_customer_id"), "payment", ["customer_id"], unique=False)
    op.create_index(op.f("ix_payment_invoice_id"), "payment", ["invoice_id"], unique=False)
    op.create_table(
        "mail_content",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("mail", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mail_content_mail_id_mail")),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_mail_content")),
    )
    op.create_table(
        "mail_reference",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mail_reference_mail_id_mail")),
        sa.PrimaryKeyConstraint("mail_id", "message_id", name=op.f("pk_mail_reference")),
    )
    op.create_index(op.f("ix_mail_reference_message_id"), "mail_reference", ["message_id"], unique=False)
    op.create_table(
        "triage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.String(length=100), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("intents", sa.String(length=400), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("requires_reply", sa.Boolean(), nullable=False),
        sa.Column("has_draft", sa.Boolean(), nullable=False),
        sa.Column("reading", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_triage_mail_id_mail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triage")),
    )
    op.create_index(op.f("ix_triage_mail_id"), "triage", ["mail_id"], unique=False)
    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("triage_id", sa.Integer(), nullable=False),
        sa.Column("act_index", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("progress", sa.String(length=32), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_dispute_customer_id_customer")),
        sa.ForeignKeyConstraint(["decided_by"], ["controller.id"], name=op.f("fk_dispute_decided_by_controller")),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_dispute_mail_id_mail")),
        sa.ForeignKeyConstraint(["triage_id"], ["triage.id"], name=op.f("fk_dispute_triage_id_triage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    op.create_index(op.f("ix_dispute_customer_id"), "dispute", ["customer_id"], unique=False)
    op.create_index(op.f("ix_dispute_mail_id"), "dispute", ["mail_id"], unique=False)
    op.create_index(op.f("ix_dispute_triage_id"), "dispute", ["triage_id"], unique=False)
    op.create_table(
        "promise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("triage_id", sa.Integer(), nullable=False),
        sa.Column("act_index", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("progress", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_promise_customer_id_customer")),
        sa.ForeignKeyConstraint(["decided_by"], ["controller.id"], name=op.f("fk_promise_decided_by_controller")),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_promise_mail_id_mail")),
        sa.ForeignKeyConstraint(["triage_id"], ["triage.id"], name=op.f("fk_promise_triage_id_triage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    op.create_index(op.f("ix_promise_customer_id"), "promise", ["customer_id"], unique=False)
    op.create_index(op.f("ix_promise_mail_id"), "promise", ["mail_id"], unique=False)
    op.create_index(op.f("ix_promise_triage_id"), "promise", ["triage_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("triage_id", sa.Integer(), nullable=True),
        sa.Column("controller_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["controller_id"], ["controller.id"], name=op.f("fk_review_controller_id_controller")),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_review_mail_id_mail")),
        sa.ForeignKeyConstraint(["triage_id"], ["triage.id"], name=op.f("fk_review_triage_id_triage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index(op.f("ix_review_controller_id"), "review", ["controller_id"], unique=False)
    op.create_index(op.f("ix_review_mail_id"), "review", ["mail_id"], unique=False)
    op.create_index(op.f("ix_review_triage_id"), "review", ["triage_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("triage_id", sa.Integer(), nullable=False),
        sa.Column("act_index", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("intent", sa.String(length=32), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("progress", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_task_customer_id_customer")),
        sa.ForeignKeyConstraint(["decided_by"], ["controller.id"], name=op.f("fk_task_decided_by_controller")),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_task_mail_id_mail")),
        sa.ForeignKeyConstraint(["triage_id"], ["triage.id"], name=op.f("fk_task_triage_id_triage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_customer_id"), "task", ["customer_id"], unique=False)
    op.create_index(op.f("ix_task_mail_id"), "task", ["mail_id"], unique=False)
    op.create_index(op.f("ix_task_triage_id"), "task", ["triage_id"], unique=False)
    op.create_table(
        "dispute_invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name=op.f("fk_dispute_invoice_dispute_id_dispute")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_dispute_invoice_invoice_id_invoice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_invoice")),
    )
    op.create_index(op.f("ix_dispute_invoice_dispute_id"), "dispute_invoice", ["dispute_id"], unique=False)
    op.create_index(op.f("ix_dispute_invoice_invoice_id"), "dispute_invoice", ["invoice_id"], unique=False)
    op.create_table(
        "outgoing_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=300), nullable=False),
        sa.Column("in_reply_to", sa.String(length=1000), nullable=False),
        sa.Column("references", sa.JSON(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["controller.id"], name=op.f("fk_outgoing_reply_approved_by_controller")
        ),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_outgoing_reply_mail_id_mail")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_outgoing_reply_mailbox_id_mailbox")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_outgoing_reply_review_id_review")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_outgoing_reply_thread_id_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_reply")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outgoing_reply_message_id")),
    )
    op.create_index(op.f("ix_outgoing_reply_mail_id"), "outgoing_reply", ["mail_id"], unique=False)
    op.create_index(op.f("ix_outgoing_reply_mailbox_id"), "outgoing_reply", ["mailbox_id"], unique=False)
    op.create_index(op.f("ix_outgoing_reply_state"), "outgoing_reply", ["state"], unique=False)
    op.create_index(op.f("ix_outgoing_reply_thread_id"), "outgoing_reply", ["thread_id"], unique=False)
    op.create_table(
        "promise_invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_promise_invoice_invoice_id_invoice")),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_promise_invoice_promise_id_promise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_invoice")),
    )
    op.create_index(op.f("ix_promise_invoice_invoice_id"), "promise_invoice", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_promise_invoice_promise_id"), "promise_invoice", ["promise_id"], unique=False)
    op.create_table(
        "task_invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_task_invoice_invoice_id_invoice")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_invoice_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_invoice")),
    )
    op.create_index(op.f("ix_task_invoice_invoice_id"), "task_invoice", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_task_invoice_task_id"), "task_invoice", ["task_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_task_invoice_task_id"), table_name="task_invoice")
    op.drop_index(op.f("ix_task_invoice_invoice_id"), table_name="task_invoice")
    op.drop_table("task_invoice")
    op.drop_index(op.f("ix_promise_invoice_promise_id"), table_name="promise_invoice")
    op.drop_index(op.f("ix_promise_invoice_invoice_id"), table_name="promise_invoice")
    op.drop_table("promise_invoice")
    op.drop_index(op.f("ix_outgoing_reply_thread_id"), table_name="outgoing_reply")
    op.drop_index(op.f("ix_outgoing_reply_state"), table_name="outgoing_reply")
    op.drop_index(op.f("ix_outgoing_reply_mailbox_id"), table_name="outgoing_reply")
    op.drop_index(op.f("ix_outgoing_reply_mail_id"), table_name="outgoing_reply")
    op.drop_table("outgoing_reply")
    op.drop_index(op.f("ix_dispute_invoice_invoice_id"), table_name="dispute_invoice")
    op.drop_index(op.f("ix_dispute_invoice_dispute_id"), table_name="dispute_invoice")
    op.drop_table("dispute_invoice")
    op.drop_index(op.f("ix_task_triage_id"), table_name="task")
    op.drop_index(op.f("ix_task_mail_id"), table_name="task")
    op.drop_index(op.f("ix_task_customer_id"), table_name="task")
    op.drop_table("task")
    op.drop_index(op.f("ix_review_triage_id"), table_name="review")
    op.drop_index(op.f("ix_review_mail_id"), table_name="review")
    op.drop_index(op.f("ix_review_controller_id"), table_name="review")
    op.drop_table("review")
    op.drop_index(op.f("ix_promise_triage_id"), table_name="promise")
    op.drop_index(op.f("ix_promise_mail_id"), table_name="promise")
    op.drop_index(op.f("ix_promise_customer_id"), table_name="promise")
    op.drop_table("promise")
    op.drop_index(op.f("ix_dispute_triage_id"), table_name="dispute")
    op.drop_index(op.f("ix_dispute_mail_id"), table_name="dispute")
    op.drop_index(op.f("ix_dispute_customer_id"), table_name="dispute")
    op.drop_table("dispute")
    op.drop_index(op.f("ix_triage_mail_id"), table_name="triage")
    op.drop_table("triage")
    op.drop_index(op.f("ix_mail_reference_message_id"), table_name="mail_reference")
    op.drop_table("mail_reference")
    op.drop_table("mail_content")
    op.drop_index(op.f("ix_payment_invoice_id"), table_name="payment")
    op.drop_index(op.f("ix_payment_customer_id"), table_name="payment")
    op.drop_index(op.f("ix_payment_company_id"), table_name="payment")
    op.drop_table("payment")
    op.drop_index(op.f("ix_mail_thread_id"), table_name="mail")
    op.drop_index(op.f("ix_mail_raw_sha256"), table_name="mail")
    op.drop_index("ix_mail_queue", table_name="mail")
    op.drop_index("ix_mail_message_id", table_name="mail")
    op.drop_index(op.f("ix_mail_customer_id"), table_name="mail")
    op.drop_index("ix_mail_changed", table_name="mail")
    op.drop_table("mail")
    op.drop_index(op.f("ix_thread_mailbox_id"), table_name="thread")
    op.drop_index(op.f("ix_thread_customer_id"), table_name="thread")
    op.drop_index(op.f("ix_thread_assigned_to"), table_name="thread")
    op.drop_table("thread")
    op.drop_index(op.f("ix_invoice_number"), table_name="invoice")
    op.drop_index(op.f("ix_invoice_customer_id"), table_name="invoice")
    op.drop_index(op.f("ix_invoice_company_id"), table_name="invoice")
    op.drop_table("invoice")
    op.drop_index(op.f("ix_customer_contact_contact_id"), table_name="customer_contact")
    op.drop_table("customer_contact")
    op.drop_index(op.f("ix_team_member_controller_id"), table_name="team_member")
    op.drop_table("team_member")
    op.drop_index(op.f("ix_sign_in_expires_at"), table_name="sign_in")
    op.drop_index(op.f("ix_sign_in_controller_id"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_table("raw_piece")
    op.drop_index(op.f("ix_number_series_company_id"), table_name="number_series")
    op.drop_table("number_series")
    op.drop_index(op.f("ix_mailbox_team_team_id"), table_name="mailbox_team")
    op.drop_table("mailbox_team")
    op.drop_index(op.f("ix_mailbox_company_company_id"), table_name="mailbox_company")
    op.drop_table("mailbox_company")
    op.drop_index(op.f("ix_customer_company_id"), table_name="customer")
    op.drop_table("customer")
    op.drop_index(op.f("ix_company_iban_company_id"), table_name="company_iban")
    op.drop_table("company_iban")
    op.drop_table("worker_slot")
    op.drop_table("team")
    op.drop_index(op.f("ix_sign_in_attempt_email"), table_name="sign_in_attempt")
    op.drop_index(op.f("ix_sign_in_attempt_attempted_at"), table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_table("raw_mail")
    op.drop_table("mailbox")
    op.drop_table("controller")
    op.drop_index(op.f("ix_contact_domain"), table_name="contact")
    op.drop_table("contact")
    op.drop_table("company")
