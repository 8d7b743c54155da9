"""Whatever servers do, each recipient is told once, and nobody is called sent who is not."""

import time
from collections import Counter
from itertools import cycle
from unittest.mock import patch

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.messaging.contract import HANG_UP, Outcome
from django_aws_api_gateway_websockets.messaging.sender import Sender, dispatch, overdue
from tests.app.sender.broadcasts import MESSAGE, recipients_of, send
from tests.app.sender.scripted_server import ScriptedServer, response

ANSWERS = {
    "sent": response(),
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "interim": b"HTTP/1.1 103 Hints\r\n\r\n" + response(),
    "last": response(Connection="close"),
    "gone": response(410),
    "bad": response(400),
    "denied": response(403, x_amzn_ErrorType="AccessDeniedException"),
    "throttled": response(429),
    "broken": response(500),
    "garbage": b"\x16\x03\x01 garbage\r\n\r\n",
    "twice": response() + response(410),
}
STEPS = st.sampled_from([*ANSWERS, "drop", "leave", "half", "slow", "silence"])
SCRIPTS = st.lists(STEPS, max_size=6)
GATEWAYS = st.lists(SCRIPTS, min_size=1, max_size=4)


class Gateway:
    """Each connection follows the next script, then answers properly or leaves."""

    def __init__(self, scripts):
        self.scripts = cycle(scripts)
        self.taken = Counter()

    def __call__(self, peer):
        for step in next(self.scripts):
            peer.server.steps[step] += 1
            if step == "drop":
                return peer.drop()
            if (asked := peer.read()) is None or step == "leave":
                return None
            self.answer(peer, step, asked)
        return None

    def answer(self, peer, step, asked):
        if step == "half":
            peer.say(response()[:20])
            peer.drop()
        elif step == "slow":
            self.taken[asked.connection_id] += 1
            peer.say_slowly(response(), pause=0.0002)
        elif step == "silence":
            peer.wait_for_the_end()
        else:
            if b" 200 " in ANSWERS[step]:
                self.taken[asked.connection_id] += 1
            peer.say(ANSWERS[step])
            if step == "last":
                peer.wait_for_goodbye()
        if step == "broken":
            time.sleep(0.002)


@given(
    GATEWAYS,
    GATEWAYS,
    st.integers(0, 25),
    st.integers(1, 6),
    st.sampled_from([[MESSAGE], [HANG_UP], [MESSAGE, HANG_UP]]),
)
@example([["silence"]], [["drop"]], 25, 6, [MESSAGE])
@example([["sent", "twice"]], [["sent", "leave"]], 25, 1, [MESSAGE])
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_each_is_told_once(one, other, number, connections, steps):
    scripts = [Gateway(one), Gateway(other)]
    sender = Sender()
    with (
        patch.object(overdue, "LONGEST_CALL", 0.02),
        patch.object(dispatch, "LONGEST_WAIT", 0.005),
        patch(
            "django_aws_api_gateway_websockets.messaging.retries.LONGEST_PAUSE", 0.01
        ),
        ScriptedServer(scripts[0]) as first,
        ScriptedServer(scripts[1]) as second,
    ):
        first.steps = second.steps = Counter()
        for broadcast in ("a", "b"):
            recipients = [
                recipient
                for server, name in ((first, "first"), (second, "second"))
                for recipient in recipients_of(
                    server.url, [f"{broadcast}-{name}-{each}" for each in range(number)]
                )
            ]
            deliveries = send(
                sender, recipients, steps=steps, connections=connections, seconds=1
            )

            sent = [k for k, each in deliveries.items() if each.outcome is Outcome.SENT]
            taken = scripts[0].taken + scripts[1].taken
            assert all(taken[each] >= 1 for each in sent)
            asked = {*first.ids, *second.ids}
            assert all(
                each in asked
                for each, delivery in deliveries.items()
                if delivery.outcome in (Outcome.GONE, Outcome.THROTTLED)
            )
        sender.close()
