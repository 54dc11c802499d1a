"""What Prefect is told through the environment, in this process and in the programs that are started from it.

Whatever the administrator has set stays as it is; these are defaults. They keep Prefect's files in PATHWAY_HOME, send
nothing to Prefect's makers, start no server behind our back, and let the database forget old runs.
"""

from pathlib import Path

from config.settings import environment, settings

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    # Without it any call without an address would start a hidden server, and wait for it.
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    # A server that hangs holds up what is due for a minute, not for Prefect's own seven.
    "PREFECT_API_REQUEST_TIMEOUT": "15",
    "PREFECT_CLIENT_MAX_RETRIES": "2",
}
LOOPBACK = ("127.0.0.1", "localhost")


def prefect_home() -> Path:
    """PREFECT_HOME, or the folder `prefect` in PATHWAY_HOME."""
    told = environment().get("PREFECT_HOME")
    return Path(told).expanduser() if told else settings().home.absolute() / "prefect"


def prefect_api_url() -> str | None:
    """The address in PREFECT_API_URL, without a slash at its end; None when it is not set."""
    return environment().get("PREFECT_API_URL", "").rstrip("/") or None


def settle_prefect() -> None:
    """Give this process Prefect's settings, before `import prefect` reads them; twice changes nothing."""
    prefect_home().mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, value in _defaults().items():
        environment().setdefault(name, value)
    for name in ("NO_PROXY", "no_proxy"):
        environment()[name] = _without_proxy(environment().get(name, ""))


def prefect_environment(url: str | None = None, *, ours: bool = True) -> dict[str, str]:
    """The whole environment of a program that is started and uses the Prefect server at `url`.

    It may run in another folder: PATHWAY_HOME is absolute. `ours=False` leaves out every PATHWAY_ variable: Prefect's
    server has no business with our passwords.
    """
    settle_prefect()
    inherited = {name: value for name, value in environment().items() if ours or not name.startswith("PATHWAY_")}
    home = {"PATHWAY_HOME": str(settings().home.absolute())} if ours else {}
    return {**inherited, **home, **({"PREFECT_API_URL": url} if url else {})}


def _defaults() -> dict[str, str]:
    return {**DEFAULTS, "PREFECT_HOME": str(prefect_home())}


def _without_proxy(known: str) -> str:
    # The server on this machine is not to be looked for behind the organisation's proxy.
    hosts = [host for host in known.split(",") if host]
    return ",".join(hosts + [host for host in LOOPBACK if host not in hosts])


def live_in(home: Path) -> None:
    """From here on this process, and what it starts, knows one setting alone: its home.

    For the demonstration, which must never touch a real record or write to real people.
    """
    told = environment()
    for name in [name for name in told if name.startswith("PATHWAY_")]:
        del told[name]
    told["PATHWAY_HOME"] = str(home)
    settings.cache_clear()
