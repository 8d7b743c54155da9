"""What REPORT says is what tools that parse it rely on."""

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from gateway_emulator.report import Report

REPORT = re.compile(
    r"REPORT RequestId: (?P<id>\S+)\tDuration: (?P<duration>\d+\.\d\d) ms"
    r"\tBilled Duration: (?P<billed>\d+) ms\tMemory Size: (?P<size>\d+) MB"
    r"\tMax Memory Used: (?P<used>\d+) MB(?:\tInit Duration: (?P<init>\d+\.\d\d) ms)?"
)
SECONDS = st.integers(0, 900_000_000).map(lambda microseconds: microseconds / 1e6)


@given(SECONDS, st.none() | SECONDS, st.integers(128, 10_240), st.integers(0, 128))
def test_a_report_is_parsed_back_into_what_it_was_made_of(
    duration: float, init: float | None, size: int, used: int
) -> None:
    report = Report(
        request_id="id",
        duration=duration,
        init_duration=init,
        memory_size=size,
        memory_used=used,
    )

    parsed = REPORT.fullmatch(str(report))

    assert parsed is not None
    assert math.isclose(float(parsed["duration"]), duration * 1000, abs_tol=0.0051)
    assert (parsed["init"] is None) == (init is None)
    assert (int(parsed["size"]), int(parsed["used"])) == (size, used)
    assert 0 <= int(parsed["billed"]) - (duration + (init or 0)) * 1000 < 1


def test_the_init_phase_is_billed() -> None:
    report = Report(
        request_id="id",
        duration=0.002_37,
        init_duration=0.423_98,
        memory_size=1024,
        memory_used=95,
    )

    assert str(report) == (
        "REPORT RequestId: id\tDuration: 2.37 ms\tBilled Duration: 427 ms"
        "\tMemory Size: 1024 MB\tMax Memory Used: 95 MB\tInit Duration: 423.98 ms"
    )
