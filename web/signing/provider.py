"""The single sign-on provider: OpenID Connect 1.0, authorization code with PKCE (RFC 7636), as Microsoft and Google do.

Asked for nothing but who it is (`openid`): names and addresses are the roster's. What the provider says is believed
when it is signed by a key it publishes, is for us, has not run out, and answers the question we asked (`nonce`).
"""

import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config.secret import new_token
from config.settings import settings

PATH_BACK = "/sign-in/single/back"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]  # never `none`, never a shared secret
LEEWAY = 60
TIMEOUT = 10


class NotProven(Exception):
    """What came back does not prove who it is; the text is for the log and holds no word of the provider's."""


class NoAnswer(Exception):
    """The provider cannot be reached, or does not answer as one does."""


@dataclass(frozen=True)
class Asked:
    """What we asked the provider: `state` and `nonce` come back, `verifier` proves that it was us who asked."""

    state: str
    nonce: str
    verifier: str


def ask() -> Asked:
    """A new question, unlike any before."""
    return Asked(new_token(), new_token(), new_token() + new_token())


@cache
def _client_class() -> Any:
    """Loaded where it is used; on loading it asks for httpx2, which nothing else here has."""
    with warnings.catch_warnings():
        from authlib.deprecate import AuthlibDeprecationWarning  # type: ignore[import-untyped]

        warnings.simplefilter("ignore", AuthlibDeprecationWarning)
        from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
    return AsyncOAuth2Client


@asynccontextmanager
async def _client() -> AsyncIterator[Any]:
    secret = settings().oidc_client_secret
    async with _client_class()(
        settings().oidc_client_id,
        secret.get_secret_value() if secret else None,
        scope="openid",
        redirect_uri=f"{settings().base_url}{PATH_BACK}",
        code_challenge_method="S256",
        timeout=TIMEOUT,
        follow_redirects=False,
    ) as client:
        yield client


async def _document(client: Any, address: str) -> dict[str, Any]:
    answer = await client.request("GET", address, withhold_token=True)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise NoAnswer("no document")
    return found


async def _discovery(client: Any) -> dict[str, Any]:
    issuer = settings().oidc_issuer or ""
    found = await _document(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise NoAnswer("its discovery document names another issuer than PATHWAY_OIDC_ISSUER")
    return found


async def address_to_ask(asked: Asked) -> str:
    """Where the browser is sent; raises NoAnswer."""
    try:
        async with _client() as client:
            endpoint = (await _discovery(client))["authorization_endpoint"]
            address, _ = client.create_authorization_url(
                endpoint, state=asked.state, nonce=asked.nonce, code_verifier=asked.verifier
            )
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise NoAnswer(type(error).__name__) from None
    return str(address)


async def who_it_is(asked: Asked, code: str) -> tuple[str, str]:
    """Issuer and subject of whoever came back with that code; raises NotProven or NoAnswer."""
    from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]

    try:
        async with _client() as client:
            found = await _discovery(client)
            token = await client.fetch_token(found["token_endpoint"], code=code, code_verifier=asked.verifier)
            keys = KeySet.import_key_set(await _document(client, found["jwks_uri"]))  # type: ignore[arg-type]
        return _proven(str(token["id_token"]), keys, asked)
    except (AuthlibBaseError, JoseError) as error:
        raise NotProven(type(error).__name__) from None
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise NoAnswer(type(error).__name__) from None


def _proven(id_token: str, keys: KeySet, asked: Asked) -> tuple[str, str]:
    """The checks of OpenID Connect Core 1.0, section 3.1.3.7."""
    issuer, ours = settings().oidc_issuer or "", settings().oidc_client_id or ""
    claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
    jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": ours},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": asked.nonce},
    ).validate(claims)
    if claims["aud"] not in (ours, [ours]) and claims.get("azp") != ours:
        raise NotProven("it is for several, and not for us first")
    subject = str(claims["sub"])
    if not subject or len(subject) > 255:
        raise NotProven("its subject is none")
    return issuer, subject
