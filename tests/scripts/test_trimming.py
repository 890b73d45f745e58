"""A stylesheet keeps what can match."""

import pytest

from scripts.trimming import trimmed

LICENCE = "/*! by somebody, MIT */"


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ("a{color:red}", "a{color:red}"),
        (".card{color:red}.btn{color:red}", ".card{color:red}"),
        (".card,.btn{color:red}", ".card{color:red}"),
        (".card .btn{color:red}", ""),
        (".card:not(.btn):hover{color:red}", ".card:not(.btn):hover{color:red}"),
        (":is(.card,.btn) b,i{color:red}", "i{color:red}"),
        ("@media print{.btn{color:red}}", ""),
        ("@media print{.btn{color:red}.card{color:red}}", "@media print{.card{color:red}}"),
        ("@keyframes spin{to{top:0}}@keyframes grow{to{top:1px}}.card{animation:spin 1s}",
         ".card{animation:spin 1s}@keyframes spin{to{top:0}}"),
        ('@charset "UTF-8";a{color:red}', '@charset "UTF-8";a{color:red}'),
    ],
)  # fmt: skip
def test_only_what_the_pages_classes_can_match_stays(rules: str, kept: str) -> None:
    assert trimmed(LICENCE + rules, ["card"]) == f"{LICENCE}\n{kept}\n"
