"""What the value of a setting may look like; each kind says in words what is wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo
from pydantic_settings import NoDecode

from bot.settings import urls
from core.delivery.signed_links import LONGEST
from core.primitives.numbers import decimal_number, whole_number
from core.primitives.urls import host_and_port

_CENT: Final = Decimal("0.01")
_MOST_PLACES: Final = 10_000


def _split_list(value: object) -> object:
    """Split a comma list; other values are left to the field's own type."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _plain_secret(secret: object) -> object:
    if not isinstance(secret, str):
        return secret
    secret = secret.strip()
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ValueError("has characters that no key has. Copy it anew")
    return secret or None


def _web(url: str) -> str:
    urls.parse(url, {"http", "https"})
    return url.strip().rstrip("/")


def _gateway(url: str, info: ValidationInfo) -> str:
    """Refuse to send a key in the clear. The hosts that may be listed for that are read first."""
    parts = urls.parse(url, {"http", "https"})
    urls.check_gateway(parts, info.data.get("matinee_allow_private_hosts", ()))
    return url.strip().rstrip("/")


def _socket(url: str) -> str:
    urls.parse(url, {"ws", "wss"})
    return url


def _host_and_port(place: str) -> str:
    name, _, port = place.rpartition(":")
    if not name or not (port.isascii() and port.isdigit()):
        raise ValueError("must be a comma list of host:port")
    return host_and_port(name.removeprefix("[").removesuffix("]"), int(port))


def _listen(place: str) -> str:
    """Stay on this machine where no host is named."""
    host, _, port = place.strip().rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if (
        not (port.isascii() and port.isdigit())
        or int(port) >= 2**16
        or any(character in bare for character in "/@[] ")
    ):
        raise ValueError("must be host:port, such as 127.0.0.1:8080")
    return f"{host or '127.0.0.1'}:{int(port)}"


def _public(url: str, info: ValidationInfo) -> str:
    parts = urls.parse(url, {"http", "https"})
    urls.check_public(parts, info.data.get("matinee_allow_private_hosts", ()))
    return url.strip().rstrip("/")


def _unless_none(value: object) -> object:
    """Read the word that means that there is no limit."""
    return None if isinstance(value, str) and value.strip().lower() == "none" else value


def _widest(value: object) -> object:
    """Read that word where there is always a bound: as one that is never reached."""
    return _MOST_PLACES if _unless_none(value) is None else value


def _number(value: object) -> object:
    return decimal_number(value) if isinstance(value, str) else value


def _whole(value: object) -> object:
    return whole_number(value) if isinstance(value, str) else value


def _check_amount(amount: Decimal) -> Decimal:
    if 0 < amount < _CENT:
        raise ValueError(
            f"must be 0, which lets nobody order, or at least {_CENT}: no video costs less than a cent"
        )
    return amount


_AS_NUMBER: Final = BeforeValidator(_number)
_AS_WHOLE: Final = BeforeValidator(_whole)

Secret: TypeAlias = Annotated[SecretStr | None, BeforeValidator(_plain_secret)]
WebAddress: TypeAlias = Annotated[str, AfterValidator(_web)]
GatewayAddress: TypeAlias = Annotated[str, AfterValidator(_gateway)]
SocketAddress: TypeAlias = Annotated[str, AfterValidator(_socket)]
ListenAddress: TypeAlias = Annotated[str, AfterValidator(_listen)]
PublicAddress: TypeAlias = Annotated[str, AfterValidator(_public)]

CommaList: TypeAlias = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_list)]
Hosts: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(_host_and_port)], ...], NoDecode, BeforeValidator(_split_list)
]
OperatorIds: TypeAlias = Annotated[
    tuple[Annotated[int, Field(gt=0), _AS_WHOLE], ...], NoDecode, BeforeValidator(_split_list)
]
Statuses: TypeAlias = Annotated[
    tuple[Annotated[int, Field(ge=400, le=599), _AS_WHOLE], ...], NoDecode, BeforeValidator(_split_list)
]

Seconds: TypeAlias = Annotated[float, Field(gt=0, le=86_400), _AS_NUMBER]
Rate: TypeAlias = Annotated[float, Field(gt=0, le=10_000), _AS_NUMBER]
LinkDays: TypeAlias = Annotated[float, Field(gt=0, le=LONGEST.days), _AS_NUMBER]
_Dollars: TypeAlias = Annotated[
    Decimal, Field(ge=0, le=1_000_000, decimal_places=6), AfterValidator(_check_amount), _AS_NUMBER
]
Gigabytes: TypeAlias = Annotated[float, Field(gt=0, le=1_000_000), _AS_NUMBER]
Count: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000), _AS_WHOLE]
_Places: TypeAlias = Annotated[int, Field(ge=1, le=_MOST_PLACES), _AS_WHOLE]

TAKES_NONE: Final = BeforeValidator(_unless_none)
"""Marks a setting that bounds orders: `none` means that it does not."""

Budget: TypeAlias = Annotated[_Dollars | None, TAKES_NONE]
Limit: TypeAlias = Annotated[Count | None, TAKES_NONE]
PlacesAtMost: TypeAlias = Annotated[_Places | None, TAKES_NONE]
Places: TypeAlias = Annotated[_Places, BeforeValidator(_widest)]
