"""The mail to ADMINS about an error: seldom, discreet, and never in the way."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.core.mail.backends.base import BaseEmailBackend

from django_aws_api_gateway_websockets.models import RateLimitBucket
from django_aws_api_gateway_websockets.routing import handler
from tests.app.clocks import Clock
from tests.app.echo import EchoView, PublicView
from tests.gateway import ALICE, BOB
from tests.mails import ADMINS, use_backend

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]


class SlowBackend(BaseEmailBackend):
    answers = threading.Event()

    def send_messages(self, messages):
        assert self.answers.wait(60)
        return len(messages)


class BrokenBackend(BaseEmailBackend):
    def send_messages(self, messages):
        raise OSError("no mail server")


class LeakyView(PublicView):
    @handler
    def leak(self, request, *args, **kwargs):
        local = self.body["text"]
        try:
            int(local)
        except ValueError as error:
            raise RuntimeError(local) from error


@pytest.fixture(autouse=True)
def admins(settings):
    settings.ADMINS = ADMINS


def wait_for_mails():
    for thread in threading.enumerate():
        if thread.name == "exception-mail":
            thread.join(10)


def subjects(mailoutbox):
    wait_for_mails()
    return [mail.subject for mail in mailoutbox]


class TestMail:
    def test_says_where_it_happened_and_not_what_was_said(
        self, serve, transport, mailoutbox
    ):
        gateway = serve(LeakyView)
        gateway.connect()

        gateway.message({"handler": "leak", "text": "what was said"})

        [subject] = subjects(mailoutbox)
        body = mailoutbox[0].body
        assert subject.endswith(f"RuntimeError in {__name__}.LeakyView")
        assert f"connection {ALICE}, route default, handler leak" in body
        assert "test_exception_mails.py" in body
        assert "ValueError" in body
        assert "what was said" not in body
        assert mailoutbox[0].alternatives == []
        assert mailoutbox[0].attachments == []

    def test_comes_once_in_an_interval(
        self, gateway, transport, mailoutbox, monkeypatch
    ):
        clock = Clock(monkeypatch)
        gateway.connect()

        counts = []
        for seconds in (0, 1, 58, 1):
            clock.advance(seconds)
            gateway.message({"handler": "breaks"})
            counts.append(len(subjects(mailoutbox)))

        assert counts == [1, 1, 1, 2]

    def test_comes_once_whichever_process_asks(self, gateway, transport, mailoutbox):
        gateway.connect()
        gateway.message({"handler": "breaks"})

        assert RateLimitBucket.objects.filter(key__contains="EchoView").count() == 1

    def test_of_each_view_counts_for_itself(self, serve, transport, mailoutbox):
        class OtherView(EchoView):
            EXCEPTION_MAIL_INTERVAL = 1

        for view, connection_id in ((EchoView, ALICE), (OtherView, BOB)):
            gateway = serve(view)
            gateway.connect(connection_id)
            gateway.message({"handler": "breaks"}, connection_id)

        assert len(subjects(mailoutbox)) == 2

    def test_can_be_turned_off(self, serve, transport, mailoutbox):
        class QuietView(EchoView):
            SEND_EXCEPTION_MAIL = False

        gateway = serve(QuietView)
        gateway.connect()

        gateway.message({"handler": "breaks"})

        assert subjects(mailoutbox) == []

    def test_goes_to_nobody_without_admins(
        self, gateway, transport, settings, mailoutbox, django_assert_num_queries
    ):
        settings.ADMINS = []
        gateway.connect()

        with django_assert_num_queries(2):
            gateway.message({"handler": "breaks"})

        assert subjects(mailoutbox) == []

    def test_about_a_connect_names_it(self, serve, transport, mailoutbox):
        class BrokenView(PublicView):
            def connect(self, request, *args, **kwargs):
                raise RuntimeError

        serve(BrokenView).connect()

        subjects(mailoutbox)
        assert f"connection {ALICE}, route connect" in mailoutbox[0].body


class TestMailServer:
    def test_that_does_not_answer_holds_up_no_event(self, gateway, transport, settings):
        use_backend(settings, f"{__name__}.SlowBackend")
        gateway.connect()

        response = gateway.message({"handler": "breaks"})

        assert response.status_code == 500
        assert "exception-mail" in {each.name for each in threading.enumerate()}
        SlowBackend.answers.set()
        wait_for_mails()

    def test_that_fails_is_in_the_log(self, gateway, transport, settings, caplog):
        use_backend(settings, f"{__name__}.BrokenBackend")
        gateway.connect()

        response = gateway.message({"handler": "breaks"})
        wait_for_mails()

        assert response.status_code == 500
        assert "no mail server" in caplog.text

    def test_that_does_not_answer_keeps_no_process_from_ending(self):
        program = """
import django, threading
django.setup()
from django.conf import settings
from tests.mails import ADMINS
settings.ADMINS = ADMINS
from django_aws_api_gateway_websockets.views import exception_mail
exception_mail.mail_admins = lambda *_: threading.Event().wait()
exception_mail.is_due = lambda *_: True
exception_mail.mail_exception(ValueError(), view=object, interval=1, description="")
"""
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "PYTHONPATH": f"{ROOT}:{ROOT / 'django_app'}",
            },
            timeout=30,
            check=True,
        )
