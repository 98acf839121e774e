"""Names of measures, for fields that name one.

The measures themselves lie in a room above this one, which these names must not depend on; a test
holds the two to each other.
"""

from __future__ import annotations

from typing import Final

COUNTS: Final = (
    "emergency_admissions",
    "step_up_admissions",
    "admissions_after_diversion",
    "delayed_transfer_days",
    "delayed_transfer_time",
    "delayed_time",
    "delayed_nights",
    "bed_days",
    "bed_nights",
    "person_days",
    "care_home_admissions",
    "costs",
    "visits",
    "contact_hours",
    "paid_hours",
    "booked_days",
    "kept_days",
    "days_above_capacity",
    "surge_openings",
    "surge_days",
    "surge_place_days",
)
"""Amounts in the window: those of its months add up to it."""

YEARLY: Final = (
    "emergency_admissions_per_100k",
    "emergency_admissions_per_100k_over_65",
    "emergency_admissions_rate",
    "delayed_transfer_days_per_100k_adults",
    "delayed_transfer_days_rate",
    "care_home_admissions_per_100k_over_65",
    "care_home_admissions_rate",
    "payment_released",
    "payment_lost",
    "requests",
    "starts",
    "ends",
    "exits",
    "diversions",
    "turned_away_requests",
    "given_up_requests",
    "moves",
    "grants",
    "programme_joins",
    "programme_lost_finds",
    "programme_leavers",
)
"""Amounts a year, whatever the length of the window; a month has its own amount."""

LEVELS: Final = (
    "caseload_mean",
    "caseload_end",
    "episodes_per_day",
    "emergency_admissions_per_day",
    "readmissions_28_days",
    "readmissions_30_days",
    "step_up_returns_28_days",
    "delayed_transfer_people",
    "delayed_transfer_people_last_thursday",
    "delayed_transfer_share",
    "occupancy_mean",
    "occupancy_midnight",
    "occupancy_p50",
    "occupancy_p90",
    "occupancy_p95",
    "occupancy_p99",
    "occupancy_max",
    "occupancy_share",
    "utilisation",
    "places_booked",
    "places_kept",
    "capacity_mean",
    "p_full",
    "time_above_capacity",
    "units_above_capacity",
    "wait_mean",
    "wait_median",
    "wait_p90",
    "wait_p95",
    "p_wait",
    "wait_unfinished",
    "given_up",
    "diverted",
    "turned_away",
    "withdrawn",
    "waiting_people",
    "standard_met",
    "standard_unanswered",
    "standard_pending",
    "standard_mean",
    "standard_median",
    "standard_p90",
    "length_of_stay_mean",
    "length_of_stay_median",
    "length_of_stay_p90",
    "treatment_time_mean",
    "treatment_time_median",
    "treatment_time_p90",
    "delay_of_leaving_mean",
    "stays_unfinished",
    "max_stay_overrun_share",
    "max_stay_overrun_mean",
    "still_at_home_91_days",
    "no_further_service",
    "discharged_to_same_address",
    "hand_offs",
    "hand_offs_3_or_more",
    "organisations_met",
    "organisations_met_3_or_more",
    "organisations_assessing",
    "organisations_assessing_3_or_more",
    "assessments",
    "assessments_3_or_more",
    "worker_utilisation",
    "contact_of_paid_hours",
)
"""Shares, means and lengths of time, which do not grow with the window."""

KNOWN: Final = (*COUNTS, *YEARLY, *LEVELS)
"""Every measure of one run."""

ADDED_TO: Final = {
    "emergency_admissions": "all_ages",
    "delayed_transfer_days": "adults",
    "care_home_admissions": "over_65",
}
"""Counts to which a stated background can be added, with the denominator of their rate."""

PAID_FOR: Final = (
    "emergency_admissions",
    "step_up_admissions",
    "delayed_transfer_days",
    "care_home_admissions",
)
"""Counts that a payment can depend on."""

NOT_SIMULATED: Final = "none"
"""What a target names as its measure when nothing here is like it."""
