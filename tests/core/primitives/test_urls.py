from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest

from core.primitives.urls import host_and_port


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("http://127.0.0.1:8080/a", "127.0.0.1:8080"),
        ("http://Media.LAN/a", "media.lan:80"),
        ("https://media.lan", "media.lan:443"),
        ("https://me:secret@media.lan/a?b#c", "media.lan:443"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("https://[FD00::1]/", "[fd00::1]:443"),
        ("http://bücher.lan", "xn--bcher-kva.lan:80"),
        ("http://xn--bcher-kva.lan", "xn--bcher-kva.lan:80"),
        ("http://media.bücher.lan", "media.xn--bcher-kva.lan:80"),
        ("http://straße.lan:81", "xn--strae-oqa.lan:81"),
        ("ftp://media.lan/a", "media.lan:0"),
        ("ftp://media.lan:2121/a", "media.lan:2121"),
    ],
)
def test_a_place_is_written_alike_by_whomever_its_url_is_read(url: str, written: str) -> None:
    split, parsed = urlsplit(url), httpx.URL(url)

    assert host_and_port(split.hostname, split.port, split.scheme) == written
    for host in (parsed.host, parsed.raw_host.decode()):
        assert host_and_port(host, parsed.port, parsed.scheme) == written


def test_what_leads_nowhere_has_no_host() -> None:
    assert host_and_port(urlsplit("/a").hostname, None) == ":0"
