"""Proposes replies from templates: facts of the ledger and the mail in, a draft with its proof and its warnings out."""
