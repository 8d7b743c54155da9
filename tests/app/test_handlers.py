"""Which handler a message reaches, and what a view may call its own."""

import pytest
from django.test import RequestFactory

from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import EchoView, PublicView
from tests.gateway import ALICE

pytestmark = pytest.mark.django_db(transaction=True)


class TestMessage:
    @pytest.mark.parametrize(
        ("message", "answer"),
        [
            ({"handler": "listed"}, {"listed": True}),
            ({"action": "listed"}, {"listed": True}),
            ({"handler": "nothing", "action": "listed"}, {"listed": True}),
            ({"handler": "listed", "action": "echo"}, {"listed": True}),
        ],
    )
    def test_handler_comes_before_action(self, gateway, transport, message, answer):
        gateway.connect()

        gateway.message(message)

        assert transport.messages_to(ALICE)[0]["data"] == answer

    def test_a_view_may_have_its_own_ping(self, serve, transport):
        class PingView(PublicView):
            @handler
            def ping(self, request, *args, **kwargs):
                return {"own": True}

        gateway = serve(PingView)
        gateway.connect()

        gateway.message({"handler": "ping"})
        gateway.message(b"ping")

        frames = transport.messages_to(ALICE)
        assert [frame["data"] for frame in frames] == [{"own": True}] * 2

    def test_default_answers_what_names_no_handler(self, serve, transport):
        class DefaultView(PublicView):
            def default(self, request, *args, **kwargs):
                return {"default": self.body["action"]}

        gateway = serve(DefaultView)
        gateway.connect()

        gateway.message({"action": "anything"})

        assert transport.messages_to(ALICE)[0]["data"] == {"default": "anything"}

    def test_default_can_be_named(self, serve, transport):
        class DefaultView(PublicView):
            def default(self, request, *args, **kwargs):
                return {"ran": "default"}

            @handler
            def chat(self, request, *args, **kwargs):
                return {"ran": "chat"}

        gateway = serve(DefaultView)
        gateway.connect()

        gateway.message({"handler": "default", "action": "chat"})

        assert transport.messages_to(ALICE)[0]["data"] == {"ran": "default"}


def test_default_is_for_the_application_to_write():
    with pytest.raises(NotImplementedError, match="EchoView"):
        EchoView().default(RequestFactory().post("/"))


def test_names_of_handlers_are_the_applications(serve, transport):
    """What the view itself is made of leaves the good names free."""

    class NamesView(PublicView):
        @handler
        def message(self, request, *args, **kwargs):
            return {"ran": "message"}

        @handler
        def send(self, request, *args, **kwargs):
            return {"ran": "send"}

        @handler
        def answer(self, request, *args, **kwargs):
            return {"ran": "answer"}

    gateway = serve(NamesView)
    gateway.connect()

    for name in ("message", "send", "answer"):
        gateway.message({"handler": name})

    assert [reply["data"]["ran"] for reply in transport.messages_to(ALICE)] == [
        "message",
        "send",
        "answer",
    ]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("undeclared", "no handler 'undeclared', and no default(): ForgetfulView.undeclared has no @handler"),
        ("typo", "no handler 'typo', and no default()"),
        ("_private", "no handler '_private', and no default()"),
        ("x\ny" * 100, "no handler 'x"),
        (["a"], "the name of the handler is no text"),
    ],
)  # fmt: skip
def test_the_log_says_which_handler_there_is_not(
    serve, transport, caplog, asked, reason
):
    class ForgetfulView(PublicView):
        def undeclared(self, request, *args, **kwargs):
            return {}

        def _private(self, request, *args, **kwargs):
            return {}

    gateway = serve(ForgetfulView)
    gateway.connect()

    answer = gateway.message({"handler": asked})

    line = caplog.messages[-1]
    assert answer.content == b"Invalid request format (1)"
    assert line.partition("Invalid request format (1): ")[2].startswith(reason)
    assert len(line) < 400
