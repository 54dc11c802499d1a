"""Faults on the way of a letter: followed up, addressed, claimed, sent, refused; and what stands in it."""

from __future__ import annotations

from tests.mutations.fault import Edit, Fault, fault

FOLLOWING, HEARING, CLAIMING = "flows/following.py", "notifications/hearing.py", "notifications/claiming.py"
OUTBOX, FAILING = "tests/integration/test_outbox.py", "tests/integration/test_failing_letters.py"
FOLLOWED, HEARD = "tests/integration/test_following.py", "tests/integration/test_hearing.py"

RECEIVED = '"concern-received", one.observer_id, str(one.id), "once", WHY["observer"]'

LETTER_FAULTS: tuple[Fault, ...] = (
    fault(
        "Events count as followed up and their letters are never written",
        FOLLOWING,
        "        addressed = await address(session, letters, at)\n",
        "        addressed = len(letters)\n",
        FOLLOWED,
        HEARD,
    ),
    fault(
        "One stage is never followed up: what happened at reviews",
        "flows/due.py",
        "    for stage in Stage:\n",
        "    for stage in [one for one in Stage if one != Stage.REVIEW]:\n",
        "tests/mutations/test_journey.py",
    ),
    fault(
        "An event that was followed up is followed up again",
        FOLLOWING,
        '    .where(col(Event.id).in_(bindparam("events", expanding=True)), col(Event.followed_up_at).is_(None))\n',
        '    .where(col(Event.id).in_(bindparam("events", expanding=True)))\n',
        FOLLOWED,
        "tests/integration/test_many_sweeps.py",
        journey=False,
    ),
    fault(
        "A thing is told twice: a letter's key forgets the event, rung or day it is told once for",
        "notifications/addressing.py",
        '        "slot": letter.slot,\n',
        '        "slot": f"{letter.slot} {number}",\n',
        OUTBOX,
        "tests/integration/test_many_sweeps.py",
    ),
    fault(
        "Two senders send one letter: what another has claimed is free",
        CLAIMING,
        "<= at, or_(lease_over, col(Delivery.claimed_by).in_(dead)))\n",
        "<= at)\n",
        OUTBOX,
        journey=False,
    ),
    fault(
        "A letter is claimed for no time at all, so that a slow server has it sent again",
        CLAIMING,
        "LEASE = timedelta(minutes=5)\n",
        "LEASE = timedelta(0)\n",
        OUTBOX,
        "tests/integration/test_posting.py",
        journey=False,
    ),
    fault(
        "A letter counts as sent before the mail server has taken it",
        "notifications/connections.py",
        "            if not trouble.server_wide:\n",
        "            outcome = Outcome(delivery, State.SENT, address=letter.to)\n"
        "            if not trouble.server_wide and trouble.permanent:\n",
        FAILING,
        "tests/integration/test_posting.py",
    ),
    fault(
        "A letter that was refused is told to nobody",
        "notifications/outcomes.py",
        "{State.REFUSED: Trouble.REFUSED, State.GIVEN_UP: Trouble.GIVEN_UP}",
        "{State.GIVEN_UP: Trouble.GIVEN_UP}",
        FAILING,
    ),
    fault(
        "A refused letter is told to the administrator, and never to whoever acts instead",
        "notifications/failures.py",
        "        if one.trouble != Trouble.GIVEN_UP and (instead :=",
        "        if one.trouble == Trouble.GONE and (instead :=",
        FAILING,
    ),
    fault(
        "A mail server that stays away: letters are put off for good, never given up, and nobody is told",
        "notifications/outcomes.py",
        "    old = and_(due, col(Delivery.created_at) <= at - GIVE_UP_AFTER)\n",
        "    old = and_(due, col(Delivery.created_at) <= at - 100 * GIVE_UP_AFTER)\n",
        FAILING,
        journey=False,
    ),
    fault(
        "A killed sender's letters are never sent",
        "notifications/outbox.py",
        "    if dead := dead_senders():\n",
        "    if (dead := dead_senders()) and False:\n",
        OUTBOX,
        FAILING,
        journey=False,
    ),
    Fault(
        "A child's name stands in a letter's subject",
        (
            Edit(
                HEARING,
                RECEIVED,
                '"concern-received", one.observer_id, str(one.id), "once", heard.scene.child.name',
            ),
            Edit(
                "notifications/composing.py",
                '        "Subject": subject,\n',
                '        "Subject": f"{subject} {delivery.why_you}",\n',
            ),
        ),
        (HEARD, "tests/integration/test_state_machine.py"),
    ),
    fault(
        "What the child said stands in the letter to whoever logged it",
        HEARING,
        RECEIVED,
        '"concern-received", one.observer_id, str(one.id), "once", str(one.child_words)',
        HEARD,
        "tests/integration/test_state_machine.py",
    ),
)
