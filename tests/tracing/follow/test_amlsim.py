"""Every transfer into a fraud node of the public AMLSim samples is traced both ways."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fanzha.tracing.follow.backward import trace_backward
from fanzha.tracing.follow.flow_index import Transfers, build_index
from fanzha.tracing.follow.forward import trace_forward
from fanzha.tracing.follow.question import Direction, Method, Question
from fanzha.tracing.follow.trace import HopKind, Stop, Trace

DAY_S = 86_400


def table(path: Path) -> np.ndarray:
    text = subprocess.run(["zstd", "-dc", str(path)], capture_output=True, check=True, text=True).stdout
    return np.array([line.split(",") for line in text.splitlines()[1:]])


def ended(trace: Trace) -> int:
    return int(trace.hops.fen[trace.hops.kind != HopKind.FOLLOWED].sum() + trace.held.fen.sum())


@pytest.mark.external
@pytest.mark.skipif("FANZHA_DATA" not in os.environ, reason="FANZHA_DATA names no folder: AMLSim samples not judged")
@pytest.mark.parametrize("sample", ["20K_cycle200", "20K_fanin200"])
def test_every_transfer_into_a_fraud_node_is_traced_both_ways(sample: str) -> None:
    folder = Path(os.environ["FANZHA_DATA"]) / "amlsim-samples" / sample
    nodes, told = table(folder / "nodes.csv.zst"), table(folder / "transactions.csv.zst")
    fen = np.rint(told[:, 2].astype(np.float64) * 100).astype(np.int64)
    told, fen = told[fen > 0], fen[fen > 0]
    index = build_index(
        Transfers(
            payer=told[:, 0].astype(np.int32),
            payee=told[:, 1].astype(np.int32),
            amount_fen=fen,
            at_s=told[:, 3].astype(np.int64) * DAY_S,
        ),
        len(nodes),
        opening_fen=np.rint(nodes[:, 2].astype(np.float64) * 100).astype(np.int64),
    )
    fraud = nodes[:, 1].astype(np.int64) == 1
    moved = index.transfers
    starts = np.flatnonzero(fraud[moved.payee] & (moved.payer != moved.payee))
    assert len(starts) > 900
    for start in starts.tolist():
        question = Question(starts=(start,), method=Method.FIFO, horizon_s=3 * DAY_S)
        for trace in (
            trace_forward(index, question),
            trace_backward(index, replace(question, direction=Direction.BACKWARD)),
        ):
            assert trace.stop is Stop.NOTHING_LEFT
            assert ended(trace) == int(moved.amount_fen[start])
