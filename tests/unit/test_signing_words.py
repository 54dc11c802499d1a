"""Small things of the sign-in pages: addresses of ours, browsers in words, networks."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from web.signing.asking import local
from web.signing.browsers import say_browser
from web.signing.limiting import network


@pytest.mark.parametrize("address", ["/", "/desk", "/tracker?week=2026-03-02&lead=x", "/concerns/NC-2026-00042#now"])
def test_pages_of_ours_are_led_to(address: str) -> None:
    """A path, with whatever belongs to it."""
    assert local(address) == address


@pytest.mark.parametrize(
    "address",
    ["", "//evil.example", "///evil", "/\\evil", "\\evil", "https:/evil", "evil", "/a\nb", "/\tevil", "/é", "/" * 600],
)
def test_nothing_else_is(address: str) -> None:
    """No other host, no scheme, nothing that a browser would mend into one."""
    assert local(address) == ""


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
            "Chrome on Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Mac"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Chromebook"),
        ("<script>", "A browser"),
        ("", "A browser"),
    ],
)
def test_browsers_are_said_in_words(named: str, said: str) -> None:
    """What people call them; nothing that a browser says of itself is shown."""
    assert say_browser(named) == said


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("a test", "a test"),
    ],
)
def test_who_has_one_address_of_a_network_has_them_all(host: str, counted: str) -> None:
    """IPv6: a household or a school is given a whole network."""
    assert network(Request({"type": "http", "client": (host, 1)})) == counted
    assert network(Request({"type": "http"})) == ""
