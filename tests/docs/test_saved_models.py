"""docs/howto/signals.md, as an app that is made of what is printed there."""

import logging
import os
import re
import subprocess
import sys
import unittest
from importlib import import_module

import pytest
from django.apps import apps
from django.core import serializers
from django.db import connection, transaction
from django.db.models import signals as django_signals

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.docs.pages import blocks, table
from tests.docs.printed_apps import printed_app
from tests.docs.python_blocks import python_block
from tests.docs.site_copy import copy_site

PAGE = "docs/howto/signals.md"
LIBRARY = "django_aws_api_gateway_websockets"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receivers_of_today():
    """Whoever begins to listen in a test stops at its end."""
    used = [
        django_signals.post_save, django_signals.post_delete,
        signals.disconnected, signals.gone,
    ]  # fmt: skip
    before = [list(each.receivers) for each in used]
    yield
    for signal, receivers in zip(used, before, strict=True):
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()


@pytest.fixture
def Order(receivers_of_today, settings, tmp_path, monkeypatch):
    """The model of the page, in a project that has installed its app."""
    with printed_app(PAGE, "kitchen", tmp_path, monkeypatch):
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "kitchen"]
        model = apps.get_model("kitchen.Order")
        with connection.schema_editor() as editor:
            editor.create_model(model)
        yield model
        with connection.schema_editor() as editor:
            editor.delete_model(model)
        del apps.all_models["kitchen"]


@pytest.fixture
def cook(make_session, transport):
    """Returns what a cook who is connected has been told."""
    make_session("cook=", channel_name="kitchen")
    make_session("guest=", channel_name="hall")
    return lambda: transport.messages_to("cook=")


def test_the_kitchen_hears_what_is_saved_and_deleted(Order, cook, transport):
    order = Order.objects.create(dish="soup")
    order.is_ready = True
    order.save()
    pk, _ = order.pk, order.delete()

    said = {"type": "order", "pk": pk, "dish": "soup"}
    assert cook() == [
        {**said, "is_ready": False},
        {**said, "is_ready": True},
        {"type": "order_removed", "pk": pk},
    ]
    assert transport.messages_to("guest=") == []


def test_it_hears_after_the_commit_and_nothing_of_a_rollback(Order, cook):
    with transaction.atomic():
        Order.objects.create(dish="soup")
        assert cook() == []
    assert len(cook()) == 1

    with transaction.atomic():
        Order.objects.create(dish="fish")
        transaction.set_rollback(True)
    assert len(cook()) == 1


def test_it_does_not_hear_of_fixtures(Order, cook):
    fixture = serializers.serialize("json", [Order(pk=1, dish="soup")])

    for each in serializers.deserialize("json", fixture):
        each.save()

    assert Order.objects.count() == 1
    assert cook() == []


def test_what_fails_is_logged_inside_a_transaction_and_outside(
    Order, cook, transport, caplog
):
    transport.answer("cook=", Outcome.FAILED)

    with transaction.atomic():
        Order.objects.create(dish="soup")

    Order.objects.create(dish="fish")

    assert len(caplog.records) == 2
    for record in caplog.records:
        assert (record.name, record.levelno) == (f"{LIBRARY}.models", logging.WARNING)
        assert "1 failed; 1 x told to" in record.getMessage()


def test_signals_are_sent_as_the_table_says(Order, cook):
    def heard_of(change):
        before = len(cook())
        change()
        return len(cook()) - before

    def bulk_update():
        Order.objects.bulk_update(Order.objects.all(), ["dish"])

    assert heard_of(Order().save) == 1
    assert heard_of(Order.objects.create) == 1
    assert heard_of(lambda: Order.objects.get_or_create(dish="soup")) == 1
    assert heard_of(lambda: Order.objects.update_or_create(dish="fish")) == 1
    assert heard_of(lambda: Order.objects.update(dish="cake")) == 0
    assert heard_of(bulk_update) == 0
    assert heard_of(lambda: Order.objects.bulk_create([Order()])) == 0
    assert [row[1] for row in table(PAGE, "what is done")] == [
        "sent, for each", "sent", "never sent", "never sent",
    ]  # fmt: skip


def test_many_changes_are_one_message(Order, cook):
    Order.objects.bulk_create(Order(dish=dish) for dish in ("soup", "fish"))
    Order.objects.create(dish="cake", is_ready=True)

    import_module("kitchen.closing").serve_all()

    [_, message] = cook()
    assert message["type"] == "orders_ready"
    assert len(message["pks"]) == 2
    assert not Order.objects.filter(is_ready=False).exists()


def test_its_own_test_passes(Order, transport):
    case = import_module("kitchen.tests").OrdersTest
    result = unittest.TestResult()

    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)

    assert (result.testsRun, result.errors, result.failures) == (1, [], [])


def test_what_is_typed_makes_an_app_whose_test_passes(tmp_path):
    copy_site(tmp_path)
    site = tmp_path / "django_app"
    make, migrate, test = [
        block.text for block in blocks(PAGE) if block.language == "sh"
    ]

    type_in(tmp_path, make)
    with (site / "config" / "settings.py").open("a") as file:
        file.write(python_block(PAGE, containing="INSTALLED_APPS"))
    for block in blocks(PAGE):
        if block.caption.startswith(("kitchen/", "config/")):
            (site / block.caption).write_text(block.text)
    type_in(tmp_path, migrate)
    said = type_in(tmp_path, test)

    assert "Ran 1 test" in said
    assert "OK" in said


def type_in(folder, commands):
    """What `make manage` does, in a copy that has no environment of its own."""
    said = ""
    for line in commands.splitlines():
        found = re.fullmatch('make manage COMMAND="(.*)"', line)
        typed = f"{sys.executable} django_app/manage.py {found[1]}" if found else line
        ended = subprocess.run(
            typed.split(),
            cwd=folder,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        said += ended.stdout + ended.stderr
    return said


def test_who_leaves_is_logged(Order, cook, caplog):
    caplog.set_level(logging.INFO)
    import_module("kitchen.log")

    WebSocketSession.objects.all().disconnect()

    assert "2 left: staff" in caplog.messages
