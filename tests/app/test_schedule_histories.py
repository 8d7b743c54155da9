"""Broadcasts in any order of calls, answers, pauses and mishaps."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from django_aws_api_gateway_websockets.messaging import schedule as module
from django_aws_api_gateway_websockets.messaging.contract import (
    Delivery,
    Outcome,
    Recipient,
    too_late,
)
from django_aws_api_gateway_websockets.messaging.pace import Pace
from django_aws_api_gateway_websockets.messaging.retries import (
    MOST_TRIES,
    PAUSE_FOR_HANDSHAKES,
    may_be_put_back,
)
from django_aws_api_gateway_websockets.messaging.schedule import Schedule

LOOK_AHEAD = 6
ENDPOINTS = ["https://a.example", "https://b.example", "https://c.example"]
WAYS = {
    "steps": st.integers(1, 2),
    "seconds": st.sampled_from([1.0, 20.0, float("inf")]),
    "calls_per_second": st.sampled_from([0, 0, 20]),
    "source_breaks": st.booleans(),
}
DELIVERIES = st.sampled_from(
    [
        Delivery(Outcome.SENT),
        Delivery(Outcome.GONE, "HTTP 410"),
        Delivery(Outcome.THROTTLED, "HTTP 429", is_transient=True),
        Delivery(Outcome.FAILED, "HTTP 503", is_transient=True),
        Delivery(Outcome.FAILED, "HTTP 403"),
    ]
)
people = st.lists(
    st.tuples(
        st.sampled_from(ENDPOINTS),
        st.booleans(),
        st.sampled_from(["", "", "", "no address"]),
    ),
    max_size=25,
)
any_number = st.integers(0, 1_000)


class SourceBroke(Exception):
    pass


@pytest.fixture(autouse=True)
def little_ahead(monkeypatch):
    """So that a few recipients fill it."""
    monkeypatch.setattr(module, "LOOK_AHEAD", LOOK_AHEAD)


class Histories(RuleBasedStateMachine):
    """A driver that does what it likes, and keeps its own account of it."""

    @initialize(people=people, jitter=st.floats(0, 1), **WAYS)
    def begin(
        self, people, jitter, steps, seconds, calls_per_second, source_breaks
    ):  # fmt: skip
        self.recipients = [
            Recipient(number, f"{number}=", url, is_new, fault)
            for number, (url, is_new, fault) in enumerate(people)
        ]
        self.source_breaks = source_breaks
        self.asked_for = 0
        self.now = 1_000.0
        self.deadline = self.now + seconds
        self.under_way = []
        self.left_over = []  # calls whose end the schedule did not wait for
        self.given_up = {}
        self.not_before = {}
        self.answers = {}
        self.tries = Counter()
        self.told = {}
        self.schedule = Schedule(
            self.source(),
            steps=steps,
            deadline=self.deadline,
            last_call_at=self.deadline,
            pace=Pace(calls_per_second),
            jitter=lambda: jitter,
        )

    def source(self):
        for recipient in self.recipients:
            self.asked_for += 1
            yield recipient
        if self.source_breaks:
            raise SourceBroke

    # --------------------------------------------------------------- what is done
    @rule()
    def advance(self):
        self.schedule.advance(self.now)
        if self.now >= self.deadline:
            assert not self.schedule.known or self.schedule.has_room
            self.left_over += self.under_way
            self.under_way = []

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.3, 1.0, 3.0]))
    def time_passes(self, seconds):
        self.now += seconds

    @rule()
    def sleep(self):
        """Whoever looks again before it is time has missed nothing."""
        self.advance()
        wake_at = self.schedule.wake_at
        if self.now < wake_at < float("inf"):
            before = self.standing()
            self.now += (wake_at - self.now) / 2
            self.advance()
            assert self.standing() == before
            self.now = wake_at

    def standing(self):
        ready = {url: len(calls) for url, calls in self.schedule.ready.items()}
        return ready, len(self.schedule.waiting), self.schedule.known

    @rule(url=st.sampled_from(ENDPOINTS))
    def take(self, url):
        call = self.schedule.take(url, self.now)
        if call is None:
            return
        recipient, step = call.recipient, call.step
        assert self.now < self.deadline
        assert recipient.callback_url == url
        assert url not in self.given_up
        assert recipient not in self.told
        assert recipient not in [each.recipient for each in self.under_way]
        assert self.now >= self.not_before.pop(recipient, 0)
        self.tries[recipient, step] += 1
        assert self.tries[recipient, step] <= MOST_TRIES
        if step:
            assert self.tries[recipient, step - 1]
        self.under_way.append(call)

    @precondition(lambda self: self.under_way)
    @rule(number=any_number, delivery=DELIVERIES)
    def settle(self, number, delivery):
        call = self.under_way.pop(number % len(self.under_way))
        self.answers[call.recipient] = delivery
        if delivery.outcome is Outcome.GONE:
            self.not_before[call.recipient] = self.now + PAUSE_FOR_HANDSHAKES
        elif (
            delivery.is_transient and self.tries[call.recipient, call.step] < MOST_TRIES
        ):
            pause = 0.05 * 2 ** (self.tries[call.recipient, call.step] - 1)
            self.not_before[call.recipient] = self.now + min(1.0, pause)
        self.schedule.settle(call, delivery, self.now)

    @precondition(lambda self: self.under_way)
    @rule(number=any_number)
    def put_back(self, number):
        call = self.under_way[number % len(self.under_way)]
        if may_be_put_back(call):
            self.under_way.remove(call)
            self.schedule.put_back(call)

    @precondition(lambda self: self.under_way)
    @rule(number=any_number, delivery=DELIVERIES)
    def settle_for_good(self, number, delivery):
        call = self.under_way.pop(number % len(self.under_way))
        self.answers[call.recipient] = delivery
        self.schedule.settle_for_good(call, delivery)
        assert call.recipient in [recipient for recipient, _ in self.schedule.told]

    @precondition(lambda self: self.left_over)
    @rule(number=any_number, delivery=DELIVERIES)
    def an_answer_comes_too_late(self, number, delivery):
        call = self.left_over[number % len(self.left_over)]
        self.schedule.settle(call, delivery, self.now)
        self.schedule.settle_for_good(call, delivery)
        self.schedule.put_back(call)

    @rule(url=st.sampled_from(ENDPOINTS))
    def give_up(self, url):
        self.given_up[url] = Delivery(Outcome.FAILED, f"{url} is not there")
        self.schedule.give_up(url, self.given_up[url])

    # ------------------------------------------------------------ what always holds
    @invariant()
    def each_is_told_once_and_the_truth(self):
        while self.schedule.told:
            recipient, delivery = self.schedule.told.popleft()
            assert recipient not in self.told
            assert recipient not in [each.recipient for each in self.under_way]
            self.told[recipient] = delivery
            assert delivery in self.true_answers(recipient)

    def true_answers(self, recipient):
        if recipient.fault:
            yield Delivery(Outcome.FAILED, recipient.fault)
            return
        if self.now >= self.deadline:
            yield too_late(self.answers.get(recipient, Delivery(Outcome.SENT)).reason)
        if recipient.callback_url in self.given_up:
            yield self.given_up[recipient.callback_url]
        if recipient in self.answers:
            yield (answer := self.answers[recipient])
            if answer.outcome is Outcome.GONE and recipient.may_be_connecting:
                yield answer._replace(outcome=Outcome.CONNECTING)

    @invariant()
    def who_was_asked_for_is_known_until_it_is_told(self):
        assert self.asked_for - len(self.told) == self.schedule.known <= LOOK_AHEAD
        assert set(self.schedule.under_way) == set(self.under_way)

    # ------------------------------------------------------------------ how it ends
    def teardown(self):
        if not hasattr(self, "schedule"):
            return
        try:
            self.finish()
            assert not self.source_breaks
        except SourceBroke:
            assert self.source_breaks
        assert set(self.told) == set(self.recipients)

    def finish(self):
        """Every call is answered from now on."""
        for _ in range(200):
            self.each_is_told_once_and_the_truth()
            if self.schedule.is_over:
                if self.schedule.source_error:
                    raise self.schedule.source_error
                return
            self.advance()
            for url in ENDPOINTS:
                self.take(url)
            if not self.under_way:
                self.now = max(self.now, self.schedule.wake_at)
            while self.under_way:
                self.settle(0, Delivery(Outcome.SENT))
        pytest.fail("it does not end")


Histories.TestCase.settings = settings(
    max_examples=120,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestHistories = Histories.TestCase
