"""Simulated years: the real casework, sweeps, letters and digests, driven through a year of invented people's lives.

    from pathway.simulation import Year, run

    report = run(Year(policy=Path("ours.yaml").read_text(), settings=20, weeks=26, seed=7))
    for figure in report.figures():
        print(figure.name, figure.said)

How people and children behave is `pathway.simulation.assumptions`: invented, and stated in one place. What they meet is
the program itself. Nothing of the real record is touched: each part has a scratch record, deleted at its end.
"""

from pathway.simulation.figures import Figure, Report, Spread
from pathway.simulation.partnership import parts_of
from pathway.simulation.running import run
from pathway.simulation.year import Year

__all__ = ["Figure", "Report", "Spread", "Year", "parts_of", "run"]
