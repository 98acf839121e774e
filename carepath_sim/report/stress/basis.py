"""What the checklist is filled from: scenarios, the folder of a run, the author's words."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.files import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from carepath_sim.scenario.model import Scenario

AUTHOR: Final[Mapping[str, str]] = {
    "purpose": "Why was the study done, for whom, and which decision does it serve?",
    "rationale": "Why were these scenarios chosen?",
    "preprocessing": "How were the data prepared before they became numbers of the scenario?",
    "validation": "Who has looked at the model, against which data of the area was it held?",
    "access": "Where can scenario files and results of this study be had, under which terms?",
}
"""What only an author can know, by the name under which it is answered."""
EXTRA: Final = ("sources", "intended_use", "limits", "contact")
"""What an author may add."""


@dataclass(frozen=True)
class Basis:
    """What is known of a study.

    Attributes
    ----------
    scenarios
        Scenarios by label, the base first.
    folder, manifest
        The folder of the run and what its manifest says; None and empty without a run.
    said
        The author's words by name, of `AUTHOR` and `EXTRA`.
    """

    scenarios: Mapping[str, Scenario]
    folder: Path | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def base(self) -> Scenario:
        """The first scenario."""
        return next(iter(self.scenarios.values()))

    def table(self, name: str) -> pd.DataFrame | None:
        """Return a table of the run's folder, or None where there is none."""
        import pandas as pd

        path = self.folder / f"{name}.csv" if self.folder is not None else None
        return pd.read_csv(path) if path is not None and path.exists() else None


def read_basis(
    given: str | Path, *, sets: Sequence[str] = (), answers: str | Path | None = None
) -> Basis:
    """Return what is known of a scenario, or of a run.

    Parameters
    ----------
    given
        Name or file of a scenario, or the folder of a run.
    sets
        Fields of the scenario set by hand.
    answers
        YAML file with the author's words.

    Raises
    ------
    OptionError
        When the folder holds no run, or the file something else than answers.
    """
    from carepath_sim.scenario.loader import load

    said = _answers(Path(answers)) if answers is not None else {}
    folder = Path(given)
    if not folder.is_dir():
        scenario = load(given, sets=sets)
        return Basis({scenario.name: scenario}, said=said)
    if sets:
        raise OptionError(f"{folder} is a run that is done; --set changes scenarios only")
    manifest = read_manifest(folder)
    return Basis(scenarios_of(manifest, folder), folder, manifest, said)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run.

    Raises
    ------
    OptionError
        When there is none, or it is of an unfinished beginning.
    """
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OptionError(
            f"{folder} holds no {MANIFEST}: it is not the folder of a run "
            "(`carepath run ... --out DIR` makes one)"
        ) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"{path} is no JSON: {error}") from None
    if not isinstance(found, dict) or not {"scenario", "scenarios"} & found.keys():
        raise OptionError(f"{path} names no scenario; the run has not ended, or is of another kind")
    return found


def scenarios_of(manifest: Mapping[str, Any], folder: Path) -> dict[str, Scenario]:
    """Return the scenarios that a manifest holds, by label."""
    from carepath_sim.scenario.loader import build
    from carepath_sim.scenario.nodes import Mark, planted

    resolved = manifest.get("scenarios") or [manifest["scenario"]]
    labels = manifest.get("names") or []
    found = {}
    for k, tree in enumerate(resolved):
        label = str(labels[k]) if k < len(labels) else f"{tree.get('area')}/{tree.get('variant')}"
        found[label] = build(planted(tree, Mark(str(folder / MANIFEST))), label.split(" (")[0])
    return found


def _answers(path: Path) -> dict[str, str]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        found = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"{path}: {error.strerror}") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise OptionError(f"{path} is no YAML: {error}") from None
    known = [*AUTHOR, *EXTRA]
    if not isinstance(found, dict):
        raise OptionError(f"{path} should hold answers by name: {', '.join(known)}")
    for name, words in found.items():
        if name not in known:
            near = get_close_matches(str(name), known, 1)
            hint = f"; do you mean {near[0]!r}?" if near else ""
            raise OptionError(f"{path}: unknown answer {name!r}{hint} Known: {', '.join(known)}")
        if not isinstance(words, str) or not words.strip():
            raise OptionError(f"{path}: {name} should be a text, not {words!r}")
    return {name: words.strip() for name, words in found.items()}
