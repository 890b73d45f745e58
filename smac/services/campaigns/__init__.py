"""Demand response: offers of grid operators to drivers, from the announcement to what was paid for them."""
