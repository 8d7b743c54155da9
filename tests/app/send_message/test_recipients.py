"""`manage.py send_message`: who gets which message, and what is refused."""

import json
import re
import sys
from io import StringIO

import pytest
from django.core.management import CommandError
from django.db import transaction

from tests.app.lobby import HELLO

pytestmark = pytest.mark.django_db(transaction=True)


def reached(transport):
    return sorted(post.connection_id for post in transport.posts)


@pytest.mark.parametrize(
    ("arguments", "recipients"),
    [
        (["--channel", "lobby"], ["alice=", "bob=", "window="]),
        (["--user", "alice"], ["alice=", "window="]),
        (["--all"], ["alice=", "bob=", "cook=", "window="]),
    ],
)
def test_it_reaches_who_is_meant_and_open(lobby, transport, run, arguments, recipients):
    run.send(*arguments)

    assert reached(transport) == recipients
    assert all(post.message == HELLO for post in transport.posts)
    assert run.counts["sent"] == len(recipients)


def test_where_nobody_is_it_says_so(lobby, transport, run):
    run.send("--channel", "nowhere")

    assert transport.posts == []
    assert run.output.getvalue() == "Nobody is connected there.\n"
    assert run.errors.getvalue() == ""


class TestTheMessage:
    def test_comes_from_standard_input(self, lobby, transport, run, monkeypatch):
        monkeypatch.setattr(sys, "stdin", StringIO('{"text": "sugar & spice"}'))

        run.send("--user", "bob", message="-")

        assert transport.messages_to("bob=") == [{"text": "sugar & spice"}]

    @pytest.mark.parametrize(
        ("message", "said"),
        [
            ("{type: 1}", "is no JSON: Expecting property name"),
            ("", "is no JSON: Expecting value"),
            ("[" * 100_000, "is no JSON: maximum recursion"),
            ('["notice"]', "is a list: it has to be an object"),
            ("null", "is a NoneType: it has to be an object"),
            ('{"share": NaN}', "not JSON compliant"),
            ('{"share": 1e999}', "not JSON compliant"),
            (json.dumps({"text": "x" * 131_072}), "131083 bytes, more than 131072"),
        ],
        ids=["keys", "empty", "deep", "list", "null", "nan", "infinite", "large"],
    )
    def test_is_refused_with_the_remedy(self, lobby, transport, run, message, said):
        with pytest.raises(CommandError, match=re.escape(said)):
            run.send("--all", message=message)

        assert transport.posts == []


class TestTheRecipients:
    @pytest.mark.parametrize("user", ["carol", ""])
    def test_are_no_unknown_user(self, lobby, run, user):
        with pytest.raises(CommandError, match=f"No user has the username '{user}'"):
            run.send("--user", user)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ([], "one of the arguments --channel --user --all is required"),
            (["--all", "--user", "bob"], "not allowed with argument --all"),
        ],
    )
    def test_are_named_one_way(self, lobby, transport, run, arguments, said):
        with pytest.raises(CommandError, match=said):
            run.send(*arguments)

        assert transport.posts == []


def test_what_may_be_rolled_back_is_not_sent(lobby, transport, run):
    with pytest.raises(CommandError, match="call it outside"), transaction.atomic():
        run.send("--all")

    assert transport.posts == []
