"""Settings: read from PATHWAY_ variables and a secrets folder, refused when unknown, unsafe or contradictory."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.errors import SettingsError
from config.settings import Settings, is_loopback, settings


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import os

    for name in [name for name in os.environ if name.upper().startswith("PATHWAY_")]:
        monkeypatch.delenv(name)
    settings.cache_clear()
    yield
    settings.cache_clear()


def with_env(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    """The settings under PATHWAY_ variables named without the prefix, in small letters."""
    for name, value in values.items():
        monkeypatch.setenv(f"PATHWAY_{name.upper()}", value)
    return settings()


def refused(monkeypatch: pytest.MonkeyPatch, **values: str) -> str:
    """The one line with which such variables are refused."""
    with pytest.raises(SettingsError) as caught:
        with_env(monkeypatch, **values)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_set_is_a_working_development_machine() -> None:
    """Without a single variable there is SQLite in .pathway, no mail server, the real clock."""
    found = settings()
    assert found.env == "development"
    assert found.database() == f"sqlite+aiosqlite:///{Path('.pathway').absolute()}/pathway.db"
    assert (found.smtp_host, found.smtp_tls, found.smtp_timeout, found.now) == (None, "starttls", 20, None)
    assert found.extra_holidays == ()


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command works under one set of settings from beginning to end, and nobody can change them."""
    first = with_env(monkeypatch, home="/somewhere")
    monkeypatch.setenv("PATHWAY_HOME", "/elsewhere")
    assert settings() is first
    with pytest.raises(ValidationError, match="frozen"):
        first.home = Path("/elsewhere")


def test_unknown_name_is_refused_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip in a name is told, never silently ignored."""
    assert "PATHWAY_SMTP_HOTS: there is no such setting; did you mean PATHWAY_SMTP_HOST?" in refused(
        monkeypatch, smtp_hots="mail.example"
    )


def test_unlike_name_is_refused_with_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """When nothing comes near, the names there are are listed."""
    assert "there are PATHWAY_BASE_URL, PATHWAY_DATABASE_URL" in refused(monkeypatch, zzzzqqqq="1")


def test_empty_variable_is_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable left blank in a unit file counts as not set."""
    assert with_env(monkeypatch, smtp_host="", smtp_port="", now="", extra_holidays="").smtp_host is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://amir:s%40fe@db.example/pathway", "postgresql+asyncpg://amir:s%40fe@db.example/pathway"),
        ("postgres://db.example/pathway", "postgresql+asyncpg://db.example/pathway"),
        ("postgresql+asyncpg:///pathway?host=/run/pg", "postgresql+asyncpg:///pathway?host=%2Frun%2Fpg"),
        ("postgres://db.example/p?sslmode=require", "postgresql+asyncpg://db.example/p?ssl=require"),
        ("sqlite:////srv/pathway.db", "sqlite+aiosqlite:////srv/pathway.db"),
    ],
)
def test_database_urls_get_their_driver(monkeypatch: pytest.MonkeyPatch, url: str, expected: str) -> None:
    """The familiar forms of a database URL become the async driver's."""
    assert with_env(monkeypatch, database_url=url).database() == expected


def test_other_database_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only SQLite and PostgreSQL; a refusal never shows the URL."""
    said = refused(monkeypatch, database_url="mysql://amir:hunter2@db.example/pathway")
    assert said.startswith("PATHWAY_DATABASE_URL: write postgresql://")
    assert "hunter2" not in said


def test_now_is_london_unless_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """PATHWAY_NOW freezes the clock at a London time."""
    assert with_env(monkeypatch, now="2026-04-07T17:00").now == datetime(2026, 4, 7, 16, tzinfo=UTC)


def test_now_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hour that the clocks skip cannot be now."""
    assert "PATHWAY_NOW: 2026-03-29 01:30 does not exist" in refused(monkeypatch, now="2026-03-29T01:30")


def test_now_is_refused_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody freezes a real installation's clock."""
    said = refused(monkeypatch, now="2026-04-07T17:00", env="production")
    assert said == "PATHWAY_NOW: refused when PATHWAY_ENV is production"


@pytest.mark.parametrize("host", ["mail.example", "10.0.0.5", "localhost.example", "::2"])
def test_mail_in_the_clear_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Without TLS letters go to loopback only."""
    assert "PATHWAY_SMTP_TLS: none is for this machine alone" in refused(monkeypatch, smtp_host=host, smtp_tls="none")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "mail.localhost"])
def test_mail_in_the_clear_on_loopback(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """A local mailbox needs no certificate."""
    assert with_env(monkeypatch, smtp_host=host, smtp_tls="none").mail_port() == 25
    assert is_loopback(host)


@pytest.mark.parametrize(("tls", "port"), [("starttls", 587), ("tls", 465)])
def test_mail_port_follows_how_it_is_secured(monkeypatch: pytest.MonkeyPatch, tls: str, port: int) -> None:
    """The usual port, unless one is given."""
    assert with_env(monkeypatch, smtp_host="mail.example", smtp_tls=tls).mail_port() == port
    settings.cache_clear()
    assert with_env(monkeypatch, smtp_port="2525").mail_port() == 2525


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp_tls", "ssl"),
        ("smtp_port", "99999"),
        ("smtp_timeout", "0"),
        ("env", "staging"),
        ("mail_from", "nobody"),
        ("mail_from", "A <a@b.example>, B <b@b.example>"),
        ("mail_from", "A <a@b.example>\r\nBcc: c@d.example"),
        ("base_url", "pathway.example"),
        ("base_url", "http://pathway.example"),
        ("base_url", "ftp://127.0.0.1"),
        ("extra_holidays", "2026-05-08, soon"),
        ("now", "yesterday"),
    ],
)
def test_wrong_value_names_its_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A refusal begins with the setting it is about."""
    assert refused(monkeypatch, **{name: value}).startswith(f"PATHWAY_{name.upper()}: ")


def test_login_needs_both_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user name without a password would only fail later, at the first letter."""
    assert "give both or neither" in refused(monkeypatch, smtp_username="pathway")


def test_base_url_and_sender_as_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links are made by adding a path, so the address ends without a slash."""
    found = with_env(monkeypatch, base_url="https://pathway.example/np/", mail_from="np@pathway.example")
    assert (found.base_url, found.mail_from) == ("https://pathway.example/np", "np@pathway.example")


def test_extra_holidays(monkeypatch: pytest.MonkeyPatch) -> None:
    """One-off bank holidays come as days separated by commas."""
    found = with_env(monkeypatch, extra_holidays="2026-05-08, 2027-06-03,").extra_holidays
    assert found == (date(2026, 5, 8), date(2027, 6, 3))


@pytest.mark.parametrize("file", ["pathway_smtp_password", "PATHWAY_SMTP_PASSWORD"])
def test_secrets_come_from_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str) -> None:
    """A password may be a file of the secrets folder, and is never shown."""
    (tmp_path / file).write_text("open sesame\n")
    (tmp_path / "somebody_elses").write_text("x")
    found = with_env(monkeypatch, secrets_dir=str(tmp_path), smtp_username="pathway")
    assert found.smtp_password is not None
    assert found.smtp_password.get_secret_value() == "open sesame"
    assert "sesame" not in repr(found)


def test_environment_has_the_last_word(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A variable overrides a secrets file of the same name."""
    (tmp_path / "pathway_smtp_host").write_text("old.example")
    assert with_env(monkeypatch, secrets_dir=str(tmp_path), smtp_host="new.example").smtp_host == "new.example"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("smtp_password", "call it pathway_smtp_password"),
        ("pathway_smtp_pasword", "did you mean PATHWAY_SMTP_PASSWORD?"),
    ],
)
def test_misnamed_secret_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, said: str) -> None:
    """A secrets file that would be silently ignored is told instead."""
    (tmp_path / file).write_text("open sesame")
    assert said in refused(monkeypatch, secrets_dir=str(tmp_path))


def test_missing_secrets_folder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that is not there is told, or every secret in it would be missing."""
    assert "there is no folder" in refused(monkeypatch, secrets_dir=str(tmp_path / "gone"))


def test_settings_show_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printed settings hold no password, neither the mail server's nor the database's."""
    found = with_env(
        monkeypatch,
        smtp_username="pathway",
        smtp_password="open sesame",
        database_url="postgresql://amir:hunter2@db.example/pathway",
    )
    assert "sesame" not in repr(found)
    assert "hunter2" not in repr(found)


OIDC = {"oidc_issuer": "https://login.example/tenant/", "oidc_client_id": "pathway", "oidc_client_secret": "a secret"}


def test_single_sign_on_is_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issuer, client and secret, or none of them; the issuer stays as it was written, to the last slash."""
    found = with_env(monkeypatch, **OIDC, oidc_name="Derby Schools")
    assert found.oidc_issuer == OIDC["oidc_issuer"]
    assert found.oidc_strong is True
    assert "a secret" not in repr(found)


@pytest.mark.parametrize("missing", OIDC)
def test_half_of_single_sign_on_is_refused(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """A button that leads nowhere is worse than none."""
    told = {name: value for name, value in OIDC.items() if name != missing}
    assert "give all three or none" in refused(monkeypatch, **told)


@pytest.mark.parametrize(
    ("issuer", "said"),
    [
        ("login.example", "write the issuer as its discovery document does"),
        ("https://login.example?tenant=1", "write the issuer as its discovery document does"),
        ("http://login.example", "http:// is for this machine alone"),
    ],
)
def test_an_issuer_is_an_address_nobody_can_listen_to(monkeypatch: pytest.MonkeyPatch, issuer: str, said: str) -> None:
    """HTTPS, but for a provider on this machine."""
    assert said in refused(monkeypatch, **OIDC | {"oidc_issuer": issuer})
    monkeypatch.delenv("PATHWAY_OIDC_ISSUER")
    assert with_env(monkeypatch, **OIDC | {"oidc_issuer": "http://127.0.0.1:9000"}).oidc_issuer
