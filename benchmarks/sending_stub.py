"""The stub of the Management API in a process of its own, and the CA that vouches for it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme

from benchmarks.errors import BenchmarkError
from benchmarks.runtime import ROOT

API_ID, REGION, STAGE = "measured00", "us-east-1", "production"
HOST = f"{API_ID}.execute-api.{REGION}.amazonaws.com"
PATIENCE = 10  # seconds


@dataclass(frozen=True)
class Certificates:
    """PEM files: whom clients trust, and what the stub shows them."""

    authority: Path
    server: Path


def make_certificates(folder: Path) -> Certificates:
    authority = trustme.CA()
    made = Certificates(folder / "authority.pem", folder / "server.pem")
    authority.cert_pem.write_to_path(made.authority)
    authority.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(made.server)
    return made


@dataclass
class RunningStub:
    """Its port, and when it has ended, what it was asked."""

    port: int
    report: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def running_stub(
    certificates: Certificates, options: Sequence[str] = ()
) -> Iterator[RunningStub]:
    """Run a fresh stub while the block runs."""
    command = [sys.executable, "-m", "benchmarks.management_stub", *options]
    with subprocess.Popen(
        [*command, certificates.server],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            stub = RunningStub(port_printed_by(process))
            yield stub
            printed, _ = process.communicate(timeout=PATIENCE)
            stub.report = json.loads(printed)
        finally:
            process.kill()


def port_printed_by(process: "subprocess.Popen[str]") -> int:
    assert process.stdout
    printed = process.stdout.readline()
    if not printed:
        raise BenchmarkError("The stub of the Management API does not start.")
    return int(printed)
