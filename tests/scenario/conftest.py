"""A small scenario in which nothing is wrong, as text and as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SMALL = """\
carepath: 1
area: Testshire
variant: as-is
title: A small area in which nothing is wrong
clock:
  start: 2015-04-01
  length: 1 y
  warm_up: 30 d
references:
  strategy: {title: A strategy, date: '2015'}
attributes:
  urgency:
    of: episode
    shares: {rapid: 0.2, fast: 0.3, normal: 0.5}
population:
  size: {value: 1000, source: strategy, quality: fair}
  bands:
    65-74: {share: 0.6, frailty: {fit: 0.7, severe: 0.3}}
    75+: {share: 0.4, frailty: {fit: 0.6, severe: 0.4}}
  hazards:
    fall:
      rate: 0.05 per y
      times: {frailty: {severe: 3.2}, month: {Dec: 1.3}}
      to: acute
arrivals:
  wards:
    rate: 300 per y
    profile: {weekday: {Sat: 0.3, Sun: 0.2}}
    at: spr
    is: {frailty: severe, age: 80}
pools:
  beds:
    unit: beds
    capacity: {value: 125, source: strategy, quality: poor, range: [100, 140]}
    policy: {ring_fenced: {step_up: 20, step_down: 105}}
  staff:
    unit: staff
    capacity: {daily 08:00-20:00: 3, daily 20:00-08:00: 1}
services:
  spr:
    title: Single point of referral
    in_place: true
    pool: staff
    stay: {lognormal: {median: 12 min, p90: 25 min}, source: strategy}
    next:
      - {when: {urgency: rapid}, to: acute}
      - {to: {ward: 0.25, back: 0.75}}
  acute:
    setting: acute_bed
    stay: {lognormal: {median: 7.7 d, mean: 9.3 d}}
    discharges: daily 10:00-18:00
    next: {to: {ward: 0.4, home: 0.5, died: 0.1}}
    cost: {per_day: 263 GBP, payer: nhs}
  ward:
    setting: community_bed
    pool: beds
    stream: {from acute: step_down, else: step_up}
    stay: 28 d
    max_wait:
      step_up: {after: 24 h, to: acute}
    next: home
"""


@pytest.fixture
def small() -> str:
    """Return the text of a scenario."""
    return SMALL


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    """Return the file of a scenario."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path
