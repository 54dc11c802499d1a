"""Which policy applies where and when: the policies this installation knows, and the default for every other area."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from config.errors import PolicyError
from config.policy import Policy
from config.policy_file import parse_policy
from config.policy_reader import nearest


@cache
def shipped() -> Mapping[str, list[Policy]]:
    """The policies that come with the program, by key, each with its versions, oldest first."""
    found: dict[str, list[Policy]] = {}
    for file in sorted(files("config").joinpath("policies").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            versions = parse_policy(file.read_text(encoding="utf-8"), file.name)
            found[versions[0].key] = versions
    return MappingProxyType(found)


def shipped_text(key: str) -> str:
    """The file of a shipped policy; raises PolicyError for a key that no shipped policy has."""
    for file in files("config").joinpath("policies").iterdir():
        text = file.read_text(encoding="utf-8") if file.name.endswith(".yaml") else ""
        if text and parse_policy(text, file.name)[0].key == key:
            return text
    raise PolicyError(f"policy: no shipped policy is called {key!r}")


class PolicyBook:
    """Policies by key with their versions, oldest first, and the key of the default."""

    def __init__(self, policies: Mapping[str, Sequence[Policy]], default: str) -> None:
        if default not in policies:
            raise PolicyError(f"policy: there is no policy {default!r}{nearest(default, list(policies))}")
        self._policies = dict(policies)
        self._default = default
        self._under: dict[tuple[str, date, str | None], Policy] = {}

    def keys(self) -> list[str]:
        """The keys of every policy known."""
        return sorted(self._policies)

    @property
    def default(self) -> str:
        """The key of the default policy."""
        return self._default

    def versions(self, key: str) -> Sequence[Policy]:
        """A policy's versions, oldest first; raises PolicyError for an unknown key."""
        if key not in self._policies:
            raise PolicyError(f"policy: there is no policy {key!r}{nearest(key, self.keys())}")
        return self._policies[key]

    def for_area(self, area: str | None, on: date) -> Policy:
        """The policy of an area in force on a day, with the area's own figures.

        The default policy has the first word, then another that lists the area. Raises PolicyError when two
        others list it. Before its first version a policy is as in that version.
        """
        listing = [key for key in self._policies if area in self._in_force(key, on).areas]
        if self._default in listing or not listing:
            return self._stands(self._in_force(self._default, on), area)
        if len(listing) > 1:
            raise PolicyError(f"area {area}: policies {', '.join(sorted(listing))} list it; one must give way")
        return self._stands(self._in_force(listing[0], on), area)

    def version(self, key: str, in_force_from: date, area: str | None) -> Policy:
        """The version a task was opened under, with the area's own figures; raises PolicyError for an unknown key.

        A version that is no longer in the file gives way to the one in force on that day.
        """
        self.versions(key)
        return self._stands(self._in_force(key, in_force_from), area)

    def _in_force(self, key: str, on: date) -> Policy:
        versions = self._policies[key]
        return next((one for one in reversed(versions) if one.in_force_from <= on), versions[0])

    def _stands(self, policy: Policy, area: str | None) -> Policy:
        # A sweep asks thousands of times for a handful of answers.
        asked = (policy.key, policy.in_force_from, area)
        if asked not in self._under:
            self._under[asked] = policy.under(area)
        return self._under[asked]
