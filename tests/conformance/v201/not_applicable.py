"""Cases of OCPP 2.0.1 that do not apply here yet, with the reason."""

from tests.conformance.catalogue import of_block

_LATER_BLOCKS = {
    "I-": "Tariff and cost on the charger's display belong to the OCPP 2.1 work.",
    "M-": "Certificates of 2.0.1 chargers are not managed yet.",
    "O-": "Messages on the charger's display are not sent.",
}
_CONTRACTS = (
    "Certificates of contracts (ISO 15118) are checked nowhere yet: an Authorize with one is answered by its token, "
    "without a word on the certificate."
)
_RENEGOTIATION = (
    "Needs a car that speaks ISO 15118: what it tells is answered and held to its plan, "
    "its state of charge is kept, no schedules are negotiated with it."
)
_PUBLISHING = "Firmware is published by local controllers, which are not managed yet."
_MONITORING = "Monitoring of 2.0.1 chargers is not managed yet."
_LATER: dict[str, str] = {
    **{f"TC_L_{number}": _PUBLISHING for number in (17, 19, 20, 21, 22, 23, 24)},
    **dict.fromkeys((f"TC_N_{number}" for number in ("05", "08", "09", "16", "17", "18", "24", "44")), _MONITORING),
    **dict.fromkeys(("TC_C_50", "TC_C_51", "TC_C_52"), _CONTRACTS),
    **dict.fromkeys(("TC_K_53", "TC_K_55", "TC_K_57", "TC_K_58", "TC_K_59"), _RENEGOTIATION),
    "TC_A_11": _LATER_BLOCKS["M-"],
    "TC_A_12": _LATER_BLOCKS["M-"],
    "TC_A_14": _LATER_BLOCKS["M-"],
}

NOT_APPLICABLE = {case_id: why for block, why in _LATER_BLOCKS.items() for case_id in of_block("2.0.1", block)} | _LATER
