"""Inviting people: a letter with a link through which they choose a password, or a new one."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Door, Invitation
from models.accounts import account_of
from models.deeds import note_deed
from models.invitations import make_invitation
from models.people import Person
from notifications.addressing import Addressed, address

WHY_INVITED = "somebody who administers the pathway has invited you"
WHY_ASKED = "you, or somebody who typed your e-mail address, asked for it on the sign-in page"


async def invite(session: AsyncSession, person: Person, by: Person | None, at: datetime) -> Invitation:
    """Invite somebody, or let them choose a new password; `by` None: they asked for it on the sign-in page.

    Whatever invitation they had opens nothing any more. Whoever has an account already keeps their second factor.
    """
    made = await make_invitation(session, person, by, at)
    account = await account_of(session, person.id)
    letter = Addressed(
        letter="password-reset" if account is not None and account.password else "invitation",
        person_id=person.id,
        subject=str(person.id),
        slot=str(made.id),
        why_you=WHY_INVITED if by else WHY_ASKED,
        fields={"invitation": str(made.id)},
    )
    await address(session, [letter], at)
    note_deed(session, Door.INVITED, by, at, person.id, invitation=str(made.id), letter=letter.letter)
    return made
