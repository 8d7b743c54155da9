"""docs/howto/celery.md, with a stand-in for Celery, which is no dependency.

A worker's process and its broker are not in these tests, nor is Celery's own code: a
task runs in the process that asks for it, with arguments that have been through JSON.
"""

import json
import re
import sys
from importlib import import_module
from types import ModuleType

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.urls import path

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models.sending import LONGEST_BROADCAST
from tests.app.logins import logged_in, user_named
from tests.docs.pages import ROOT, code
from tests.docs.printed_apps import printed_app
from tests.gateway import ALICE, BOB

PAGE = "docs/howto/celery.md"
HELLO = {"type": "hello"}

pytestmark = pytest.mark.django_db(transaction=True)


class Broker(list):
    """What should run later, and in how many seconds."""

    def shared_task(self, function):
        def run(*arguments):
            return function(*json.loads(json.dumps(arguments)))

        run.delay = run
        run.apply_async = lambda arguments, countdown: self.append(
            (countdown, lambda: run(*arguments))
        )
        return run


@pytest.fixture
def broker(monkeypatch):
    broker = Broker()
    celery = ModuleType("celery")
    celery.shared_task = broker.shared_task
    monkeypatch.setitem(sys.modules, "celery", celery)
    return broker


@pytest.fixture
def kitchen(broker, make_session, tmp_path, monkeypatch):
    make_session(ALICE, channel_name="kitchen")
    make_session(BOB, channel_name="kitchen")
    with printed_app(PAGE, "kitchen", tmp_path, monkeypatch):
        yield


def test_a_task_sends_and_returns_the_counts(kitchen, broker, transport):
    told = import_module("kitchen.tasks").tell.delay("kitchen", HELLO)

    assert transport.messages_to(ALICE) == transport.messages_to(BOB) == [HELLO]
    assert told == "2 sent, 0 gone, 0 connecting, 0 throttled, 0 failed"
    assert broker == []
    [shape] = [each for each in code(PAGE) if each.endswith("0 failed")]
    assert re.sub(r"\d+", "#", shape) == re.sub(r"\d+", "#", told)


def test_those_who_did_not_get_it_are_asked_again_and_nobody_else(
    kitchen, broker, transport
):
    transport.answer(BOB, Outcome.FAILED, Outcome.SENT)

    import_module("kitchen.tasks").tell.delay("kitchen", HELLO)

    [(countdown, again)] = broker
    assert countdown == 30
    assert again() == "1 sent, 0 gone, 0 connecting, 0 throttled, 0 failed"
    assert transport.messages_to(ALICE) == transport.messages_to(BOB) == [HELLO]


def test_a_view_starts_it_after_the_commit(kitchen, broker, transport, settings):
    close_kitchen = import_module("kitchen.views").close_kitchen
    settings.ROOT_URLCONF = (path("close", close_kitchen),)
    staff = user_named("staff")
    staff.user_permissions.add(Permission.objects.get(codename="change_group"))

    with transaction.atomic():
        assert logged_in(staff).post("/close").status_code == 202
        assert transport.posts == []

    assert [each["type"] for each in transport.messages_to(ALICE)] == ["closed"]
    assert logged_in(user_named("bob")).post("/close").status_code == 302


def test_the_limits_are_those_of_the_code(settings):
    settings.WEBSOCKETS = {}
    text = (ROOT / PAGE).read_text()

    assert f"above {LONGEST_BROADCAST:.0f} seconds" in text
    assert 8 * conf.callbacks_per_second > 10_000
