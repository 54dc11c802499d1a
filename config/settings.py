"""The settings, from the environment or a secrets folder: the only reader of the environment.

Every name starts with PATHWAY_. Unknown names are refused, so that a slip is not silently ignored, and
letters never leave this machine in the clear. `PATHWAY_SECRETS_DIR` names a folder with one file a setting, such
as `pathway_smtp_password`; the environment has the last word.
"""

import ipaddress
import os
from collections.abc import MutableMapping
from datetime import date, datetime
from difflib import get_close_matches
from email.utils import getaddresses
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from config.errors import BadInput, SettingsError
from config.instants import read_day, read_instant

PREFIX = "PATHWAY_"
SECRETS = "PATHWAY_SECRETS_DIR"
MAIL_PORTS = {"starttls": 587, "tls": 465, "none": 25}
DRIVERS = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}


def _read_now(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        return read_instant(value, "PATHWAY_NOW")
    except BadInput as error:
        raise ValueError(error.message) from None


def _read_days(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return tuple(read_day(part, "") for part in filter(None, map(str.strip, value.split(","))))
    except BadInput as error:
        raise ValueError(f"separate days by commas; {error.message}") from None


class Settings(BaseSettings):
    """What this installation is told; frozen once read."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    env: Literal["development", "production"] = "development"
    home: Annotated[Path, AfterValidator(Path.expanduser)] = Path(".pathway")
    database_url: str | None = Field(default=None, repr=False)
    now: Annotated[datetime | None, BeforeValidator(_read_now)] = None
    smtp_host: str | None = None
    smtp_port: int | None = Field(default=None, ge=1, le=65535)
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_timeout: float = Field(default=20, gt=0, le=300)
    mail_from: str = "Neglect Pathway <pathway@localhost>"
    base_url: str = "http://127.0.0.1:8340"
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8340, ge=1, le=65535)
    web_proxies: str = "127.0.0.1"
    secret_key: SecretStr | None = Field(default=None, min_length=32)
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = Field(default="your organisation", min_length=1, max_length=60)
    oidc_strong: bool = True
    extra_holidays: Annotated[tuple[date, ...], NoDecode, BeforeValidator(_read_days)] = ()

    @model_validator(mode="before")
    @classmethod
    def _pages_where_they_are_served(cls, told: Any) -> Any:
        """Another port alone is enough for pages on this machine: links then lead to it."""
        if isinstance(told, dict) and told.get("web_port") and not told.get("base_url"):
            return {**told, "base_url": f"http://127.0.0.1:{told['web_port']}"}
        return told

    @field_validator("mail_from")
    @classmethod
    def _one_address(cls, value: str) -> str:
        found = getaddresses([value])
        name, _, host = found[0][1].partition("@") if len(found) == 1 else ("", "", "")
        if not value.isprintable() or not (name and host) or set(host) & set("@ "):
            raise ValueError("write one address such as 'Neglect Pathway <pathway@example.org>'")
        return value

    @field_validator("base_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        url = urlsplit(value)
        if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
            raise ValueError("write an address such as 'https://pathway.example.org'")
        if url.scheme == "http" and not is_loopback(url.hostname):
            raise ValueError("write https://; http:// is for this machine alone")
        return value.rstrip("/")

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str | None) -> str | None:
        url = urlsplit(value or "https://issuer.example")
        if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
            raise ValueError("write the issuer as its discovery document does, such as 'https://accounts.google.com'")
        if url.scheme == "http" and not is_loopback(url.hostname):
            raise ValueError("write https://; http:// is for this machine alone")
        return value  # to the letter: a slash at its end belongs to it

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str | None) -> str | None:
        if value is not None and value.partition("://")[0] not in DRIVERS:
            raise ValueError("write postgresql://user:password@host/name, or leave it out for SQLite")
        return value

    @model_validator(mode="after")
    def _hang_together(self) -> "Settings":
        if self.env == "production" and self.now is not None:
            raise ValueError("PATHWAY_NOW: refused when PATHWAY_ENV is production")
        if self.smtp_host and self.smtp_tls == "none" and not is_loopback(self.smtp_host):
            raise ValueError("PATHWAY_SMTP_TLS: none is for this machine alone; write starttls or tls")
        if bool(self.smtp_username) != bool(self.smtp_password):
            raise ValueError("PATHWAY_SMTP_USERNAME, PATHWAY_SMTP_PASSWORD: give both or neither")
        if len({bool(one) for one in (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)}) != 1:
            raise ValueError("PATHWAY_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET: give all three or none")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        *_: PydanticBaseSettingsSource,
        **named: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What a test gives, the environment, then the secrets folder; no .env file."""
        return (named["init_settings"], named["env_settings"], SecretsSettingsSource(settings_cls, _secrets_folder()))

    def database(self) -> str:
        """The async SQLAlchemy URL of the record: PostgreSQL when named, else SQLite in the home folder."""
        if self.database_url is None:
            return f"sqlite+aiosqlite:///{self.home.absolute() / 'pathway.db'}"
        scheme, _, rest = self.database_url.partition("://")
        driver = DRIVERS[scheme]
        return _asyncpg(f"{driver}://{rest}") if driver.startswith("postgresql") else f"{driver}://{rest}"

    def mail_port(self) -> int:
        """The mail server's port: the one given, else the usual one for how it is secured."""
        return self.smtp_port or MAIL_PORTS[self.smtp_tls]


def _asyncpg(url: str) -> str:
    # asyncpg calls libpq's sslmode `ssl`, with the same values, and fails on the familiar name.
    before, mark, query = url.partition("?")
    return before + mark + urlencode([("ssl" if key == "sslmode" else key, one) for key, one in parse_qsl(query)])


def is_loopback(host: str) -> bool:
    """Whether `host` (a name or an address) is this machine itself."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


@cache
def settings() -> Settings:
    """The settings of this process, read once; raises SettingsError. Tests call `settings.cache_clear()`."""
    folder = _secrets_folder()
    _refuse_unknown(folder)
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("; ".join(_said(one) for one in error.errors(include_input=False))) from None


def environment() -> MutableMapping[str, str]:
    """The environment itself, for config/environment.py alone: programs that are started inherit theirs from it."""
    return os.environ


def _secrets_folder() -> Path | None:
    text = os.environ.get(SECRETS)
    if not text:
        return None
    folder = Path(text)
    if not folder.is_dir():
        raise SettingsError(f"{SECRETS}: there is no folder {text}")
    return folder


def _refuse_unknown(folder: Path | None) -> None:
    known = [SECRETS, *(PREFIX + name.upper() for name in Settings.model_fields)]
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise SettingsError(f"{name}: there is no such setting{_nearest(name.upper(), known)}")
    for file in sorted(folder.iterdir()) if folder else ():
        _refuse_file(file, known)


def _refuse_file(file: Path, known: list[str]) -> None:
    # A folder such as /run/secrets is shared with other programs: only names that look like ours are judged.
    name = file.name.upper()
    if PREFIX + name in known:
        raise SettingsError(f"{file}: a secrets file carries the prefix; call it {(PREFIX + name).lower()}")
    if name.startswith(PREFIX) and name not in known:
        raise SettingsError(f"{file}: there is no such setting{_nearest(name, known)}")


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(known))}"


def _said(error: Any) -> str:
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{str(error['loc'][0]).upper()}: {said}" if error["loc"] else said
