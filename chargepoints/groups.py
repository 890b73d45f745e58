"""Names of channel groups. They hold primary keys: identities may contain characters that groups refuse."""


def charger_group(charge_point_id: int) -> str:
    """The group that the live connection of a charge point listens to."""
    return f"charger.{charge_point_id}"


def topic_group(topic: str) -> str:
    """The group of browsers that watch a topic (letters, digits, dots)."""
    return f"live.{topic}"
