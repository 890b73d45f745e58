"""Cases of OCPP 1.6 that do not apply here, with the reason."""

NOT_APPLICABLE = {
    "TC_087": "Security profile 3 (mutual TLS) comes later, with chargers' own certificates.",
}
