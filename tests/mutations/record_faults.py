"""Faults in the record itself and in what watches over it."""

from __future__ import annotations

from tests.mutations.fault import Fault, fault

HISTORY, CASE = "models/history.py", "models/case.py"
LOCKING, CHECKED = "tests/integration/test_locking.py", "tests/integration/test_checking.py"

RECORD_FAULTS: tuple[Fault, ...] = (
    fault(
        "The reason of an event can be edited unseen: the chain's hash leaves it out",
        HISTORY,
        '        "because": event.because,\n',
        "",
        "tests/unit/test_history.py",
    ),
    fault(
        "Two people act at once and the second undoes the first: nobody looks whether the concern has changed",
        CASE,
        '    .where(col(Concern.id) == bindparam("concern"), col(Concern.version) == bindparam("before"))\n',
        '    .where(col(Concern.id) == bindparam("concern"))\n',
        LOCKING,
        "tests/integration/test_countersign.py",
        journey=False,
    ),
    fault(
        "Anybody may make any move, whatever their role",
        "models/permission.py",
        "    if by.id not in may:\n",
        "    if by.id not in may and by.left_on:\n",
        "tests/unit/test_permission.py",
        "tests/integration/test_dsl_review.py",
        journey=False,
    ),
    fault(
        "The reconciler gives the pathway a week instead of a quarter of an hour",
        "flows/checking.py",
        "timedelta(minutes=int(policy.figure(GRACE)))",
        "timedelta(days=7)",
        CHECKED,
    ),
    fault(
        "The reconciler finds something and the administrators are not written to",
        "flows/checking.py",
        "    if not statement.findings:\n",
        "    if len(statement.findings) < 1_000:\n",
        CHECKED,
        journey=False,
    ),
)
