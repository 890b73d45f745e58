"""Rows to a Problem: the only place where the optimiser's question is read from the database."""
