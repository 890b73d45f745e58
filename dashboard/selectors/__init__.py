"""Reads for the dashboard. Everything starts from the operator."""
