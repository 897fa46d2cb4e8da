"""Signed webhooks: the end of a job is told at least once to the address that it names, if the operator allows its host."""
