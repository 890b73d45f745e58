"""News of the optimiser, sent after commit with ids only."""

from django.dispatch import Signal

plan_made = Signal()  # supply_point_id, plan_run_id
order_changed = Signal()  # flex_order_id
campaign_changed = Signal()  # campaign_id: announced, answered, withdrawn, settled
