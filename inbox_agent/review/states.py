"""The states and roles of kept rows that pages name, re-exported so that no page imports a table's module."""

from inbox_agent.records.mail import MailState as MailState
from inbox_agent.records.people import Role as Role
from inbox_agent.records.proposal import ProposalState as ProposalState
from inbox_agent.records.reply import ReplyState as ReplyState
