import httpx
import pytest

from core.model.errors import LinkUnusable
from providers.http.addresses import Addresses, AddressRefused, is_literal, is_public
from providers.pictures.link_check import check_link


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"],
)
def test_the_public_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "2001::1",
        "2001:db8::1",
        "fc00::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "not an address",
    ],
)
def test_everything_else_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "0x7f000001", "::1", "127.1", "127.0.0.1."]
)
def test_an_address_is_known_in_every_notation(host: str) -> None:
    assert is_literal(host)


@pytest.mark.parametrize(
    "host", ["example.com", "0x7f.example", "127.0.0.1.example", "xn--bcher-kva.example"]
)
def test_a_name_is_no_address(host: str) -> None:
    assert not is_literal(host)


async def test_only_the_exact_host_and_port_that_are_listed_may_be_private() -> None:
    addresses = Addresses(frozenset({"127.0.0.1:8300"}))

    assert await addresses.of(httpx.URL("http://127.0.0.1:8300/a")) == ["127.0.0.1"]
    for other in (
        "http://127.0.0.1:8301/a",
        "https://127.0.0.1/a",
        "http://127.0.0.1/a",
        "ftp://127.0.0.1:8300/a",
    ):
        with pytest.raises(AddressRefused):
            await addresses.of(httpx.URL(other))


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        assert (host, port) == ("media.example.com", 443)
        return ["93.184.215.14", "::ffff:10.0.0.1"]

    with pytest.raises(AddressRefused, match=r"media\.example\.com is not a public address"):
        await Addresses(frozenset(), resolve).of(httpx.URL("https://media.example.com/a?sig=1"))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.%31",
        "%31%32%37.0.0.1",
        "127.0.0.%2531",
        "127%2e0%2e0%2e1",
        "127\u30020\u30020\u30021",
        "127\uff0e0\uff0e0\uff0e1",
        "\uff11\uff12\uff17.0.0.1",
        "127.0.0.\u0661",
        "127.0.0.1.",
        "0x7f.1",
        "0X7F000001",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "example.%6fcom",
        "0177.0.0.1",
        "127.1",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "\u2460\u2461\u2466.0.0.1",
        "127\uff610\uff610\uff611",
        "\U0001d7cf\U0001d7d0\U0001d7d5.0.0.1",
        "127.0.0\u00ad.1",
        "localhost.",
        "boat.localhost",
        "metadata.google.internal",
        "printer.LOCAL.",
    ],
)
def test_a17_an_address_is_one_however_it_is_written(host: str) -> None:
    with pytest.raises(LinkUnusable):
        check_link(f"https://{host}/boat.png")
