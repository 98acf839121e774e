"""The program: its commands, and what it says when one of them fails."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from carepath_sim import __version__
from carepath_sim.cli import (
    animate,
    assumptions,
    bedmix,
    calibrate,
    capacity,
    compare,
    fit_arrivals,
    fit_los,
    forecast,
    goal,
    import_census,
    listing,
    report,
    run,
    schema,
    sensitivity,
    show,
    stress,
    sweep,
    trace,
    validate,
    verify,
    warmup,
    web,
)
from carepath_sim.cli.output import complain
from carepath_sim.errors import CarepathError, ScenarioError

# Exit codes that other programs may rely on.
ANSWER_IS_NO = 1
WRONG_INPUT = 2
INTERRUPTED = 130


class Commands(TyperGroup):
    """Commands whose failures end in a sentence and an exit code, never in a traceback."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override] # noqa: ARG002
        """Return the commands in the order in which they are mostly used."""
        return list(self.commands)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run a command and turn what goes wrong into an exit code."""
        try:
            return super().invoke(ctx)
        except ScenarioError as error:
            # Each problem begins with its file and line, which editors turn into a link.
            print(error, file=sys.stderr)
            raise typer.Exit(WRONG_INPUT) from None
        except CarepathError as error:
            complain(str(error))
            raise typer.Exit(code_of(error)) from None
        except KeyboardInterrupt as error:
            complain(": ".join(["interrupted", *map(str, error.args)]))
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader, `head` say, has seen enough; typer ends quietly.
            raise
        except Exception as error:
            # typer's own words (usage, exit codes) pass; so does everything when debugging.
            if type(error).__module__.startswith("typer") or ctx.params.get("debug"):
                raise
            complain(f"{type(error).__name__}: {error}")
            complain("this is a fault of carepath; `carepath --debug ...` shows where it lies")
            raise typer.Exit(ANSWER_IS_NO) from None


def code_of(error: CarepathError) -> int:
    """Return the exit code of an error: a failed check is an answer, the rest is wrong input."""
    # Loaded only now, because the engine loads NumPy.
    from carepath_sim.engine.errors import CheckFailedError
    from carepath_sim.experiment.cluster.errors import ClusterLostError
    from carepath_sim.experiment.store.folder import StoreError
    from carepath_sim.experiment.workers import WorkersDiedError

    faults = CheckFailedError | WorkersDiedError | ClusterLostError | StoreError
    return ANSWER_IS_NO if isinstance(error, faults) else WRONG_INPUT


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
    help="Simulate how frail older people flow through health and social care.\n\n"
    "A SCENARIO is the name of a bundled one (see `carepath list`) or the path of a YAML file.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"carepath {__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
    debug: Annotated[  # noqa: ARG001 - read by `Commands.invoke`
        bool, typer.Option("--debug", help="Show where in the program an unexpected error arose.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""
    # Output that a terminal cannot show must not end the program.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


app.command("list")(listing.list_scenarios)
app.command("validate")(validate.validate)
app.command("show")(show.show)
app.command("run")(run.run)
app.command("compare")(compare.compare)
app.command("sweep")(sweep.sweep)
app.command("bedmix")(bedmix.bedmix)
app.command("warmup")(warmup.warmup)
app.command("capacity")(capacity.capacity)
app.command("goal")(goal.goal)
app.command("sensitivity")(sensitivity.sensitivity)
app.command("calibrate")(calibrate.calibrate)
app.command("fit-los")(fit_los.fit_los)
app.command("fit-arrivals")(fit_arrivals.fit_arrivals)
app.command("import-census")(import_census.import_census)
app.command("assumptions")(assumptions.assumptions)
app.command("forecast")(forecast.forecast)
app.command("report")(report.report)
app.command("animate")(animate.animate)
app.command("trace")(trace.trace)
app.command("stress")(stress.stress)
app.command("web")(web.web)
app.command("schema")(schema.schema)
app.command("verify")(verify.verify)
