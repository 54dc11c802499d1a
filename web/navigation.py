"""The places each role finds in the bar at the top of every page."""

from dataclasses import dataclass

from models.people import Role
from models.permission import SAFEGUARDING
from models.reach import Viewer


@dataclass(frozen=True)
class Place:
    """One page of the bar: its address, its name, who finds it there (empty: everybody)."""

    href: str
    text: str
    roles: frozenset[Role] = frozenset()


PLACES = (
    Place("/desk", "Your tasks", frozenset(Role) - {Role.FRONT_DOOR}),
    Place("/log", "Log a concern", SAFEGUARDING | {Role.PRACTITIONER, Role.EARLY_HELP_COORDINATOR}),
    Place("/concerns", "Concerns", SAFEGUARDING | {Role.EARLY_HELP_COORDINATOR, Role.PARTNERSHIP_CONTACT}),
    Place("/mine", "What you logged", frozenset({Role.PRACTITIONER})),
    Place("/tracker", "Tracker", SAFEGUARDING | {Role.EARLY_HELP_COORDINATOR, Role.PARTNERSHIP_CONTACT}),
    Place("/referrals", "Referrals", frozenset({Role.FRONT_DOOR})),
    Place("/admin", "Watch", frozenset({Role.ADMINISTRATOR})),
)


def places_for(viewer: Viewer, path: str) -> list[dict[str, object]]:
    """The bar for this viewer, as the service navigation takes it; the page at `path` is marked."""
    return [
        {"href": place.href, "text": place.text, "active": path == place.href or path.startswith(f"{place.href}/")}
        for place in PLACES
        if not place.roles or place.roles & viewer.roles
    ]


def home_of(viewer: Viewer) -> str:
    """The page this viewer opens every morning."""
    if Role.ADMINISTRATOR in viewer.roles and not viewer.roles & SAFEGUARDING:
        return "/admin"
    if Role.FRONT_DOOR in viewer.roles:
        return "/referrals"
    if Role.EARLY_HELP_COORDINATOR in viewer.roles:
        return "/tracker"
    if viewer.roles and not viewer.roles - {Role.PRACTITIONER}:
        return "/mine"
    return "/desk"
