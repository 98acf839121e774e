"""What figures, targets and questions of an answer with doubt are called."""

from __future__ import annotations

from carepath_sim.experiment.wanted import Target
from carepath_sim.report.lever_words import limit_words
from carepath_sim.report.sweeps import figure_words


def plain_words(name: str) -> str:
    """Return a figure in words, without its unit."""
    return figure_words(name).split(" [")[0]


def target_words(target: str) -> str:
    """Return what a target is about.

    >>> target_words("p_wait[beds] <= 0.1"), target_words("Delayed days: change")
    ('Had to wait, beds', 'Delayed days: change')
    """
    name = target.split(" <= ", maxsplit=1)[0].split(" >= ", maxsplit=1)[0]
    return name if name == target else plain_words(name)


def question_words(question: str) -> str:
    """Return a question about numbers in plain words.

    >>> question_words("difference of delayed_transfer_days"), question_words("p_wait[beds]")
    ('the difference in “Delayed transfer days”', '“Had to wait, beds”')
    >>> question_words("objective: minimise costs"), question_words("target: costs <= 9")
    ('the objective “minimise costs”', 'the target “Costs: at most £9”')
    """
    kind, _, rest = question.partition(": ")
    if kind == "objective":
        return f"the objective “{rest.replace('_', ' ')}”"
    if kind == "target":
        about = target_words(rest)
        limit = "" if about == rest else f": {limit_words(Target.parse(rest))}"
        return f"the target “{about}{limit}”"
    bare = question.removeprefix("difference of ")
    said = f"“{plain_words(bare)}”"
    return said if bare == question else f"the difference in {said}"
