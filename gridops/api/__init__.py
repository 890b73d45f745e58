"""The console for machines: the same orders, by the same services and rights, as JSON."""
