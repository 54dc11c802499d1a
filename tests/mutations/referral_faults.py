"""Faults in persist or worsen: rules, holds, stops, the front door and disagreement."""

from __future__ import annotations

from tests.mutations.fault import Edit, Fault, fault

REFERRALS, OPENING, RULES, SWEEP = "models/referrals.py", "models/opening.py", "models/rules.py", "models/sweep.py"
MOVES, SCREENING = "models/moves/referral.py", "models/screening.py"
REFERRAL, REVIEWS = "tests/integration/test_referral.py", "tests/integration/test_reviews.py"
DISAGREE, SECOND = "tests/integration/test_disagreement.py", "tests/integration/test_countersign.py"
PURE, FOLLOWING = "tests/unit/test_rules.py", "tests/integration/test_following.py"
CHANCE = "tests/integration/test_referral_chance.py"

REFERRAL_FAULTS: tuple[Fault, ...] = (
    fault(
        "A hold never ends: the referral waits for somebody to confirm it",
        OPENING,
        "        Kind.CONFIRM_REFERRAL, case.dsl(), Role.DSL, hold, lapse_at=hold.at, referral=referral, urgent=True\n",
        "        Kind.CONFIRM_REFERRAL, case.dsl(), Role.DSL, hold, referral=referral, urgent=True\n",
        REFERRAL,
        CHANCE,
    ),
    fault(
        "The hold ends and nothing is sent: the lapse is done by closing the task",
        SWEEP,
        '        await send_held(case, task, "the hold ended without a stop, so the referral was sent")\n',
        "        task.lapse_at = None\n",
        REFERRAL,
        CHANCE,
    ),
    fault(
        "A raised referral is held twice as long, past the close of the next working day",
        REFERRALS,
        "    referral = await new_referral(case, fired, None, hold)\n    case.move_to(",
        '    hold = opening.in_working_days(case, "hold_persisting", hold.at)\n'
        "    referral = await new_referral(case, fired, None, hold)\n    case.move_to(",
        REFERRAL,
        CHANCE,
    ),
    fault(
        "Staying the same is counted to three reviews instead of two",
        RULES,
        "    if running.unchanged >= persisting_count:\n",
        "    if running.unchanged > persisting_count:\n",
        PURE,
        REVIEWS,
    ),
    fault(
        "The rule `worse` is off: a review that finds things worse raises nothing",
        RULES,
        "    if outcome == Outcome.WORSE:\n        return Fired(",
        "    if outcome == Outcome.WORSE and running.unchanged:\n        return Fired(",
        PURE,
        REVIEWS,
    ),
    fault(
        "An improved review does not end the count of unchanged ones",
        RULES,
        "        return Running(improved=self.improved + 1) if outcome == Outcome.IMPROVED else Running()\n",
        "        return Running(self.unchanged, self.improved + 1) if outcome == Outcome.IMPROVED else Running()\n",
        PURE,
        REVIEWS,
    ),
    fault(
        "The pattern does not count brothers and sisters",
        SCREENING,
        "        fired.append(pattern_rule(seen.get(scene.child.household_id, []), event.recorded_at, count, weeks))\n",
        "        own = [one for one in seen.get(scene.child.household_id, []) if one[1] == scene.concern.reference]\n"
        "        fired.append(pattern_rule(own, event.recorded_at, count, weeks))\n",
        FOLLOWING,
        "tests/integration/test_logging.py",
    ),
    fault(
        "A poor grade is averaged away: only a mean of four or more asks for a decision",
        RULES,
        "    if not poor:\n",
        "    if not poor or sum(scores.values()) < decision_grade * len(scores):\n",
        PURE,
        journey=False,
    ),
    fault(
        "A referral for things getting worse is stopped by one person alone",
        MOVES,
        "    if referral.rule == Rule.WORSE or form.second:\n",
        "    if form.second:\n",
        SECOND,
        CHANCE,
        REFERRAL,
    ),
    fault(
        "A concern is closed by one person alone",
        "models/moves/by_dsl.py",
        '    await ask_second(case, task, Move.CLOSE, form.second, form.model_dump(mode="json"), form.summary)\n',
        '    case.move_to(Status.CLOSED, "close")\n'
        '    case.record(Happened.CLOSED, form.summary, form.model_dump(mode="json"), task=task)\n',
        SECOND,
    ),
    fault(
        "A stop takes effect when it is asked for, before the second person has agreed",
        MOVES,
        "        await ask_second(case, task, Move.STOP, form.second, fields, form.reason, referral.hold_until)\n",
        "        await ask_second(case, task, Move.STOP, form.second, fields, form.reason, referral.hold_until)\n"
        "        await stop_held(case, form.reason, {})\n",
        SECOND,
        REFERRAL,
        CHANCE,
    ),
    fault(
        "The front door's silence is ignored: nothing becomes of a referral that nobody answers",
        SWEEP,
        '        dispute(case, "no answer from the front door", referral)\n',
        "        task.lapse_at, task.next_at = None, case.at.replace(year=case.at.year + 1)\n",
        DISAGREE,
        REFERRAL,
        CHANCE,
    ),
    fault(
        "A stage of a disagreement is skipped: after the DSL the partnership, never the head",
        REFERRALS,
        "    stage = min(task.stage + 1, opening.LAST_STAGE)\n",
        "    stage = min(task.stage + 2, opening.LAST_STAGE)\n",
        DISAGREE,
        CHANCE,
    ),
    fault(
        "The last stage of a disagreement ends in silence: its clock stands still",
        OPENING,
        "        Kind.RESOLVE_DISAGREEMENT, owner, role, due, lapse_at=due.at, stage=stage,",
        "        Kind.RESOLVE_DISAGREEMENT, owner, role, due, lapse_at=due.at if stage < 3 else None, stage=stage,",
        DISAGREE,
        CHANCE,
    ),
    fault(
        "The front door's question stops its own clock: while it waits for an answer nothing lapses",
        MOVES,
        "    asked = opening.answer_question(case, referral, form.question)\n",
        "    asked = opening.answer_question(case, referral, form.question)\n"
        "    task.lapse_at = None\n    case.look_again(task)\n",
        "tests/integration/test_questions.py",
        CHANCE,
    ),
    Fault(
        "Immediate danger is recorded, and nobody is told to telephone",
        (Edit("notifications/hearing.py", "    Happened.RULE_FIRED: (_telephone_now,),\n", ""),),
        ("tests/integration/test_hearing.py",),
    ),
)
