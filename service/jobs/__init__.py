"""Durable jobs: what is acknowledged is stored, worked through in turn, and ends with one result for each article."""
