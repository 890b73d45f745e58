"""Readers of environment variables that fail loudly: a wrong or missing value names its variable.

Each reader takes a name and, keyword-only, a default. Without a default the variable is required.
A variable that is set but empty counts as not set.
"""

import os
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


class SettingMissing(ImproperlyConfigured):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not set, and there is no safe default for it. See .env.example.")


class SettingInvalid(ImproperlyConfigured):
    """The value itself is not repeated: it may be a secret, and this text goes to logs."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name} has a value that cannot be used: {expected} is expected. See .env.example.")


class _Required:
    """Marks the absence of a default, so that None stays a possible one."""


Network = IPv4Network | IPv6Network
REQUIRED: Final = _Required()
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def text(name: str, *, default: str | _Required = REQUIRED) -> str:
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if isinstance(default, _Required):
        raise SettingMissing(name)
    return default


def flag(name: str, *, default: bool | _Required = REQUIRED) -> bool:
    value = _raw(name, required=isinstance(default, _Required)).lower()
    if not value:
        return bool(default)
    if value not in _TRUE | _FALSE:
        raise SettingInvalid(name, "1, true, yes, on, 0, false, no or off")
    return value in _TRUE


def integer(name: str, *, default: int | _Required = REQUIRED, least: int | None = None) -> int:
    value = _raw(name, required=isinstance(default, _Required))
    if not value and isinstance(default, int):
        return default
    try:
        number = int(value)
    except ValueError:
        raise SettingInvalid(name, "a whole number") from None
    if least is not None and number < least:
        raise SettingInvalid(name, f"a whole number of at least {least}")
    return number


def choice(name: str, options: Sequence[str], *, default: str | _Required = REQUIRED) -> str:
    value = text(name, default=default)
    if value not in options:
        raise SettingInvalid(name, "one of " + ", ".join(options))
    return value


def words(name: str, *, default: Sequence[str] | _Required = REQUIRED) -> list[str]:
    """A list, separated by commas."""
    value = _raw(name, required=isinstance(default, _Required))
    if not value and not isinstance(default, _Required):
        return list(default)
    return [word.strip() for word in value.split(",") if word.strip()]


def url(name: str, schemes: Sequence[str], *, default: str | _Required = REQUIRED) -> str:
    value = text(name, default=default)
    if value and urlsplit(value).scheme not in schemes:
        raise SettingInvalid(name, "an address that begins with " + " or ".join(f"{scheme}://" for scheme in schemes))
    return value


def file(name: str, *, default: str | _Required = REQUIRED) -> str:
    value = text(name, default=default)
    if value and not os.access(value, os.R_OK):
        raise SettingInvalid(name, "a file that can be read")
    return value


def addresses(name: str, schemes: Sequence[str]) -> dict[str, str]:
    """Addresses by name, as ``one=https://…,other=https://…``; a comma within an address is written %2C."""
    pairs = [word.partition("=") for word in words(name, default=[])]
    if not all(key and urlsplit(value).scheme in schemes and urlsplit(value).hostname for key, _sign, value in pairs):
        begin = " or ".join(f"{scheme}://" for scheme in schemes)
        raise SettingInvalid(name, f"names with addresses that begin with {begin}, separated by commas,")
    return {key.strip(): value.strip() for key, _sign, value in pairs}


def networks(name: str, *, default: Sequence[str] | _Required = REQUIRED) -> list[Network]:
    """Addresses and networks such as 10.1.0.0/16, separated by commas."""
    try:
        return [ip_network(word) for word in words(name, default=default)]
    except ValueError:
        raise SettingInvalid(
            name, "addresses or networks such as 10.0.0.5 or 10.1.0.0/16, separated by commas"
        ) from None


def _raw(name: str, *, required: bool) -> str:
    return text(name) if required else text(name, default="")
