"""The ledger of an order: ordered, commanded, accepted, measured, by slot and charge point, with the reason of each."""

from gridops.services.ledger.book import Ledger, PointBook
from gridops.services.ledger.facts import Answer, Reason, Row, Span, Sum, Verdict
from gridops.services.ledger.making import of_order

__all__ = ["Answer", "Ledger", "PointBook", "Reason", "Row", "Span", "Sum", "Verdict", "of_order"]
