"""Cases of OCPP 1.6 that do not apply here, with the reason."""

NOT_APPLICABLE: dict[str, str] = {}
