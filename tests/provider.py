"""A small OpenID Connect provider on this machine, with real keys and signatures, for single sign-on's tests.

    with Provider() as provider:
        provider.subject = "dana-at-school"
        back = await provider.visit(address)     # where the browser is sent afterwards

It lets everybody in as `subject`. `bend` replaces claims of what it signs, `key` is what it signs with.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "pathway"
SECRET = "what the two of them agreed on"


@cache
def key(name: str) -> RSAKey:
    """A key pair of that name, made once."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@dataclass
class Provider:
    """The provider; a context manager that serves while it is open."""

    subject: str = "dana-at-school"
    bend: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: key("its own"))
    issuer: str = ""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    down: bool = False
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    def __enter__(self) -> Provider:
        provider = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self, provider, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
                answer(self, provider, {name: values[0] for name, values in parse_qs(body).items()})

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server
        assert self._thread
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """The settings of an installation that uses it."""
        return {
            "PATHWAY_OIDC_ISSUER": self.issuer,
            "PATHWAY_OIDC_CLIENT_ID": CLIENT,
            "PATHWAY_OIDC_CLIENT_SECRET": SECRET,
            "PATHWAY_OIDC_NAME": "Derby Schools",
        }

    async def visit(self, address: str) -> str:
        """What a browser does there: it signs in, and is sent back to this path and query."""
        assert address.startswith(f"{self.issuer}/authorize?")
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(address)
        assert answer.status_code == 303, answer.text
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    def id_token(self, nonce: str) -> str:
        """What it signs about its subject."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": "somebody.else@oakfield.example",
        }
        claims = {name: value for name, value in (claims | self.bend).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "its own"}, claims, self.key)


def answer(request: BaseHTTPRequestHandler, provider: Provider, form: dict[str, str]) -> None:
    """Answer one request."""
    url = urlsplit(request.path)
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    if provider.down:
        _send(request, 503, {})
    elif url.path == "/.well-known/openid-configuration":
        _send(request, 200, _discovery(provider.issuer))
    elif url.path == "/jwks":
        _send(request, 200, {"keys": [key("its own").as_dict(private=False)]})
    elif url.path == "/authorize":
        _authorize(request, provider, query)
    elif url.path == "/token":
        _token(request, provider, form)
    else:
        _send(request, 404, {})


def _discovery(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def _authorize(request: BaseHTTPRequestHandler, provider: Provider, query: dict[str, str]) -> None:
    asked_right = (
        query.get("client_id") == CLIENT
        and query.get("response_type") == "code"
        and query.get("scope") == "openid"
        and query.get("code_challenge_method") == "S256"
        and len(query.get("code_challenge", "")) == 43
        and bool(query.get("state"))
        and bool(query.get("nonce"))
    )
    if not asked_right:
        _send(request, 400, query)
        return
    code = secrets.token_urlsafe(16)
    provider.asked[code] = query
    back = f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"
    request.send_response(303)
    request.send_header("Location", back)
    request.end_headers()


def _token(request: BaseHTTPRequestHandler, provider: Provider, form: dict[str, str]) -> None:
    query = provider.asked.pop(form.get("code", ""), None)
    made = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode()
    right = (
        query is not None
        and made.rstrip("=") == query["code_challenge"]
        and form.get("redirect_uri") == query["redirect_uri"]
        and form.get("grant_type") == "authorization_code"
        and _is_client(request)
    )
    if not right or query is None:
        _send(request, 400, {"error": "invalid_grant"})
        return
    token = provider.id_token(query["nonce"])
    _send(request, 200, {"access_token": "nothing", "token_type": "Bearer", "expires_in": 300, "id_token": token})


def _is_client(request: BaseHTTPRequestHandler) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Basic ")
    return base64.b64decode(given).decode() == f"{CLIENT}:{SECRET}"


def _send(request: BaseHTTPRequestHandler, status: int, said: dict[str, Any]) -> None:
    body = json.dumps(said).encode()
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
