"""The policies in force: those shipped and those this database loaded, and which one is the default."""

from functools import lru_cache

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.policy import Policy
from config.policy_book import PolicyBook, shipped, shipped_text
from config.policy_file import parse_policy
from models.record import PolicyText

DEFAULT = "england-default"
BOOK = "policy book"
_TEXTS = select(PolicyText.key, PolicyText.text, PolicyText.is_default)


async def policy_book(session: AsyncSession) -> PolicyBook:
    """Every policy this database can follow; asked once a session, which is short."""
    if (known := session.info.get(BOOK)) is not None:
        return known  # type: ignore[no-any-return]  # put there below
    rows = (await session.exec(_TEXTS)).all()
    default = next((key for key, _, is_default in rows if is_default), DEFAULT)
    texts = tuple(sorted((key, text) for key, text, _ in rows if text))
    session.info[BOOK] = _book(texts, default)
    return session.info[BOOK]  # type: ignore[no-any-return]  # the same


@lru_cache(maxsize=8)
def _book(texts: tuple[tuple[str, str], ...], default: str) -> PolicyBook:
    policies: dict[str, list[Policy]] = dict(shipped())
    for key, text in texts:
        policies[key] = parse_policy(text, f"{key}.yaml")
    return PolicyBook(policies, default)


async def policy_text(session: AsyncSession, key: str) -> str:
    """The file of the policy of that key as this database follows it, else of the default one."""
    book = await policy_book(session)
    known = key if key in book.keys() else book.default  # noqa: SIM118  # a method, no mapping
    row = await session.get(PolicyText, known)
    return row.text if row and row.text else shipped_text(known)


async def choose_default(session: AsyncSession, key: str, text: str | None) -> None:
    """Make `key` the default policy; `text` is the file's content when it is not a shipped one."""
    session.info.pop(BOOK, None)
    for row in (await session.exec(select(PolicyText).where(col(PolicyText.is_default)))).all():
        row.is_default = False
    row = await session.get(PolicyText, key) or PolicyText(key=key)
    row.text, row.is_default = text, True
    session.add(row)


async def areas_of_policies(session: AsyncSession) -> set[str]:
    """Every area that a policy of this database lists, whichever version."""
    book = await policy_book(session)
    names = book.keys()
    return {area for name in names for policy in book.versions(name) for area in policy.areas}
