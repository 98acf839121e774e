"""Scenario to plan: everything that the engines read, as frozen arrays."""

from carepath_sim.plan.compile import compile_plan
from carepath_sim.plan.plan import Plan

__all__ = ["Plan", "compile_plan"]
