"""What a page says after something was done: `?done=word` in the address, a sentence here; never anybody's words."""

from collections.abc import Mapping
from types import MappingProxyType

from web.move_done import DONE as MOVES_DONE

DONE: Mapping[str, str] = MappingProxyType(
    {
        "signed-out": "You are signed out.",
        "back": "What you typed is here again. Nothing has been handed in yet: do so when you are ready.",
        "new-password": "You have a new password, and are signed out everywhere. Sign in with it.",
        "password": "You have a new password. Every other browser is signed out.",
        "browser": "That browser is signed out.",
        "browsers": "Every other browser is signed out.",
        "authenticator": "Your new authenticator counts from now on. The old one counts no more.",
        "key-ended": "That key is ended. It opens nothing any more.",
        "pack-ended": "No more packs come to you. Destroy those you have.",
        "pack-empty": "There is no pack to fetch: nothing is open that you owe or oversee, or you have no passphrase.",
        "linked": "You can sign in that way from now on.",
        "unlinked": "You can no longer sign in that way.",
        "logged": "It is written down, and somebody is asked to look at it now.",
        "joined": "It is written down beside what was seen before, and somebody is asked to look at it now.",
        "already": "This was here already. Nothing was written twice.",
        "draft-discarded": "The draft is gone.",
        "leave-recorded": "Your leave is recorded.",
        "leave-withdrawn": "Your leave is taken back.",
        "handed-over": "Everything you chose is handed over. Your colleague is told.",
        "feed-ended": "That key is ended. Its address opens nothing any more.",
        "saved": "Your draft is kept. You can come back to it whenever you like.",
        **MOVES_DONE,
        "letter-again": "The letter goes again now, as the letter it was.",
        "letter-not-again": "It is on its way, or has ended well. Nothing was sent twice.",
        "address-corrected": "The address is corrected, and what had failed for it goes again now.",
        "person-added": "They are in the record. Give them a role next.",
        "person-changed": "The details are changed.",
        "role-given": "They have the role from now on.",
        "role-held": "They have that role already.",
        "role-taken": "The role is taken away. What they owe stays theirs until it is handed over.",
        "invited": "An invitation goes to them now. Its link opens for seven days.",
        "signed-out-there": "They are signed out everywhere.",
        "second-factor-reset": "Their second factor and keys are gone, they are signed out, and an invitation goes.",
        "their-leave-recorded": "The leave is recorded.",
        "their-leave-withdrawn": "The leave is taken back.",
        "left": "It is recorded, and what they owed is handed over.",
        "back-again": "They are back. What was handed over stays where it is.",
        "setting-saved": "The setting is saved.",
        "policy-chosen": "That policy is the default from now on. What is open keeps the clocks it was promised.",
        "everybody-invited": "Invitations go to everybody who had none.",
    }
)
