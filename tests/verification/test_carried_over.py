"""Every case of the documents with known answers is carried over, or named with its reason."""

from __future__ import annotations

import pytest

from carepath_sim.verification import unsaid
from carepath_sim.verification.answers import answers
from carepath_sim.verification.pack import cases

DOCUMENTS = {
    "classical results of queueing theory": """
        mmc_l0.8_m1_c1 mmc_l2.5_m1_c3 mmc_l18_m1_c20 mmc_l4.5_m0.5_c10
        mg1_lognormal_0.7 mg1_deterministic_0.7 mg1_uniform_0.7 mg1_gamma_0.7 mg1_triangular_0.1
        mginf_3.0_7.0 mginf_1.2_10.0
        erlangB_2.1_7.0_15 erlangB_1.0_4.5_5 erlangB_5.14_3.3_20
        pooled_loss_11_11_4 pooled_loss_4_4_2
        mg1_prio_2exp mg1_prio_2mix mmc_prio_2_3 mm1_preemptive_resume
        erlangA_10_10 mmcD_5_2_1_6.0 mmcD_0.9_1.0_1_2.0
        mmcK_4.0_3_8 mmcK_2.2_20_25
        satline_1_1_b0 satline_1_1_b1 satline_1_1_b4 satline_1_1_1_b0_0
        satline_1_1_1_1_1_b0_0_0_0 satline_1_1.2_0.9_b0_2
        jackson_jn_test
        mtginf_exponential_24.0_4.0 mtginf_lognormal_24.0_6.0 mtginf_deterministic_24.0_4.0
        mtginf_lognormal_7.0_7.4
        mmc_transient_empty
    """,
    "Ciw: documentation and tests": """
        stools_3_5 stools_3.5_4.5 clinic prio_literature
        det_renege det_simultaneous_renege det_renege_schedule det_bas det_loss det_mc
        det_system_capacity
    """,
    "Monks and others 2016: stroke services": "monks_stroke",
    "an urgent care call centre": "call_centre_111",
    "PathSimR: an emergency department": "pathsimr_ae",
}

# Judged by the runs of another case of the same queue.
ELSEWHERE = {"prio_literature": "mg1_prio_2exp"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_case_of_the_document_is_in_the_pack(document: str) -> None:
    found = {name.split(" ")[0] for name in cases()}
    for name in DOCUMENTS[document].split():
        assert name in answers(), name
        assert ELSEWHERE.get(name, name) in found, name


def test_no_answer_is_without_a_document() -> None:
    assert set(answers()) == {name for text in DOCUMENTS.values() for name in text.split()}


def test_what_cannot_be_said_is_a_case_with_a_reason() -> None:
    assert set(unsaid.UNSAID) <= set(answers())
    assert all(len(reason) > 20 for reason in unsaid.UNSAID.values())
