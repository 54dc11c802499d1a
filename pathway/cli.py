"""The command line. Errors are one line on standard error and exit code 2; listings take `--json`."""

import sys

from cyclopts import App, CycloptsError
from rich.console import Console

from config.errors import PathwayError
from config.logs import set_up_logs
from pathway import foreseeing, looking, packing, people, policies, recording, running, statements, unavailable

app = App(
    name="pathway",
    version="0.1.0",
    help=(
        "Neglect Pathway: from the first worry to the end there is always a next step, an owner and a deadline.\n\n"
        "Begin with `pathway init`, `pathway load examples/roster.yaml`, `pathway log`, then `pathway tick`.\n\n"
        "PATHWAY_HOME holds the data (default .pathway). PATHWAY_NOW sets the time for a whole command. "
        "This supports, and never replaces, a call to 999 or the front door."
    ),
    help_format="plaintext",
)
for part in (recording, people, looking, statements, foreseeing, packing, running):
    part.add_to(app)
app.command(policies.app)


def main(words: list[str] | None = None) -> None:
    """Run one command and leave with its exit code: 0, 1 (`check` found something), 2 (an error, said in one line)."""
    set_up_logs("WARNING")
    try:
        code = app(words, exit_on_error=False, print_error=False)
    except (PathwayError, CycloptsError) as error:
        sys.exit(_refuse(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except unavailable.troubles() as error:
        if (said := unavailable.why(error)) is None:
            raise
        sys.exit(_refuse(said))
    sys.exit(code if isinstance(code, int) else 0)


def _refuse(error: Exception | str) -> int:
    said = " ".join(str(error).split())
    Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(f"pathway: {said}")
    return 2
