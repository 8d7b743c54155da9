"""How fast are messages sent, compared with the closest peer?

The closest peer is django-aws-api-gateway-websockets 4.1, which posts with boto3 from ten threads
(from more of them it is slower). Both sides run in the same Python and Django, with SQLite, and post
about 200 bytes to each recipient, signed and over verified TLS 1.3. A stub on loopback stands in for
the Management API: it answers 5 milliseconds after a call has come, and in memory's row after 1.
Each measurement is a fresh process and a fresh stub; how often each id was answered with 200 is
counted, and it has to be exactly once for each message. Where connections are dropped it may be more
often. Neither side limits how many messages it sends a second.

Promises that are not kept are marked *missed*. Two limits are none of the code's: ten connections
that wait 5 milliseconds for each answer carry 2,000 messages a second at most, however many the peer
sends; and a loop in Python that only signs, writes and reads over TLS took 17 to 23 microseconds of
CPU a message on these two cores, which is a fiftieth of the peer's and leaves nothing for the account
of what became of each recipient.

* *messages a second* and *CPU of a message* are those of `send_message` on a queryset. The process
  is warm: it has sent to a thousand before. Either side takes as many connections as it does by
  default, and those are up to 100 for ours and 10 for the peer. *The time of a message*, in the
  chart, is what that of all comes to for each.
* *10 connections* gives ours no more than the peer has.
* *one message* is `send_message` of a session that was read once, with its gateway.
* *14 % faults*: of a hundred ids' first calls 5 are answered with 429, 5 with 500, and 4 connections
  end without an answer. It is the time until everybody has the message.
* *the first message* is the CPU of a fresh process from `django.setup()` until one message is sent, to
  a session that is looked up, with `.pyc` files present. *Over Django* is what of that a process
  without either app does not take, which sets Django up and looks up a row. `AWS_CA_BUNDLE` names a
  file with one CA for both. It is measured in five times as many rounds.
* *memory* is the most that a process has held, measured in one round.
* *the stub* has a core of its own. What it uses of that while messages are sent shows that it was
  not what either side waited for: kept busy by a client that signs nothing, it answers more than
  50,000 calls a second.
"""

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks.report import Report
from benchmarks.rounds import Sample, alternating
from benchmarks.sending_cases import BY_DEFAULT, CASES, FIRST, MEMORY, SIZES
from benchmarks.sending_sides import BARE, OURS, PEER, Side, both_sides, without_app
from benchmarks.sending_stub import Certificates, make_certificates
from benchmarks.sending_table import HEAD, bars, rows, with_what_is_over_django

ROUNDS = 3
COLD_ROUNDS_EACH = 5  # for what is short, and differs most from process to process
MOST_SECONDS = 120  # and memory, which the peer needs minutes for, comes on top

Measures = Mapping[str, Callable[[], Sample]]


def report(rounds: int) -> Report:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        certificates = make_certificates(folder)
        sides = both_sides(folder, certificates.authority, SIZES)
        in_rounds, cold, once = measures(sides, certificates)
        for measure in cold.values():
            measure()  # which leaves its .pyc files
        results = alternating(
            "sending", in_rounds, rounds=rounds, most_seconds=MOST_SECONDS
        )
        first = alternating("sending, cold", cold, rounds=COLD_ROUNDS_EACH * rounds)
        memory = alternating("sending, memory", once, rounds=1)
    cases = with_what_is_over_django({**results.cases, **first.cases, **memory.cases})
    return Report(head=HEAD, rows=rows(cases), bars=bars(cases), rounds=results.rounds)


def measures(
    sides: Mapping[str, Side], certificates: Certificates
) -> tuple[Measures, Measures, Measures]:
    """What is measured in each round, what in more of them, and what once."""
    in_rounds: dict[str, Callable[[], Sample]] = {
        f"{name}, {label}": partial(case.measure, side, certificates)
        for name, case in CASES.items()
        for label, side in sides.items()
        if (name, label) != (BY_DEFAULT, PEER)  # its default is the 10 connections
    }
    cold = {f"{FIRST}, {label}": in_rounds.pop(f"{FIRST}, {label}") for label in sides}
    cold[f"{FIRST}, {BARE}"] = partial(no_message, without_app(sides[OURS]))
    once = {
        f"{MEMORY}, {label}": in_rounds.pop(f"{MEMORY}, {label}") for label in sides
    }
    return in_rounds, cold, once


def no_message(bare: Side) -> Sample:
    return {"CPU": [1000 * seconds for seconds in bare.run("no_message")["CPU"]]}
