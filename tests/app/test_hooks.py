"""Methods of a view that a project overrides are asked, and their answers go out."""

import logging

import pytest
from django.http import HttpResponse, JsonResponse

from django_aws_api_gateway_websockets.exceptions import NotPermitted
from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import PublicView, refusal
from tests.gateway import ALICE, BOB, rows

pytestmark = pytest.mark.django_db

FORBIDDEN = "auth.is_a_permission_of_nobody"


def wrong_secret(gateway):
    return gateway.connect(BOB, secret="wrong")


def without_a_header(gateway):
    return gateway.message({"handler": "say"}, Connectionid=None)


def of_another_agent(gateway):
    return gateway.message({"handler": "say"}, User_Agent="curl/8")


def of_an_unknown_session(gateway):
    return gateway.message({"handler": "say"}, "unknown=")


def not_permitted(gateway):
    return gateway.message({"handler": "forbidden"})


def without_a_handler(gateway):
    return gateway.message({"text": "hello"})


REFUSALS = {
    "invalid_gateway_secret": (wrong_secret, 403, "Invalid request"),
    "missing_headers": (without_a_header, 400, "Invalid request headers"),
    "invalid_useragent": (of_another_agent, 400, "Invalid request headers"),
    "session_not_found": (of_an_unknown_session, 400, "Invalid connection ID"),
    "permission_denied": (not_permitted, 403, "Permission Denied"),
    "handler_selection_key_missing": (
        without_a_handler,
        400,
        "Invalid request format (1)",
    ),
}


class StrictView(PublicView):
    @handler
    def say(self, request, *args, **kwargs):
        return None

    @handler
    def forbidden(self, request, *args, **kwargs):
        raise NotPermitted("not this one")


def with_hook(name, method):
    return type("HookedView", (StrictView,), {name: method})


@pytest.mark.parametrize("hook", REFUSALS)
class TestAHookForARefusal:
    def test_is_asked_and_its_answer_goes_out(self, serve, caplog, hook):
        provoke, _, text = REFUSALS[hook]

        def answer(view, request, *args, **kwargs):
            return JsonResponse({"route": kwargs["route"]}, status=418)

        gateway = serve(with_hook(hook, answer))
        gateway.connect()
        before = rows()
        caplog.clear()

        response = provoke(gateway)

        assert response.status_code == 418
        assert set(response.json()) == {"route"}
        assert rows() == before
        # What was refused is in the log as it was.
        [record] = caplog.records
        assert record.levelno == logging.WARNING
        assert record.args["outcome"] == "refused"
        assert record.args["status"] == 418
        assert record.args["reason"].startswith(f"{text}: ")

    def test_may_ask_for_the_answer_that_there_was(self, serve, hook):
        provoke, status, text = REFUSALS[hook]

        def answer(view, request, *args, **kwargs):
            response = getattr(StrictView, hook)(view, request, *args, **kwargs)
            response["X-Refused"] = view.refusal.code
            return response

        gateway = serve(with_hook(hook, answer))
        gateway.connect()

        response = provoke(gateway)

        assert refusal(response) == (status, text)
        assert response["X-Refused"]

    def test_leaves_it_to_the_hook_for_all_of_them(self, serve, hook):
        provoke, status, _ = REFUSALS[hook]

        class UniformView(StrictView):
            def refused(self, request, *args, **kwargs):
                return HttpResponse("No.", status=self.refusal.status)

        gateway = serve(UniformView)
        gateway.connect()

        assert refusal(provoke(gateway)) == (status, "No.")


def test_a_hook_that_answers_200_admits_nobody(serve):
    class PoliteView(PublicView):
        ALLOW_UNLISTED_CHANNELS = False

        def permission_denied(self, request, *args, **kwargs):
            return JsonResponse({})

    gateway = serve(PoliteView)

    assert gateway.connect(query="channel=lobby").status_code == 200
    assert rows() == []
    assert gateway.message({"handler": "ping"}).status_code == 400


class TestAHookForPermissions:
    def test_decides_about_any_of_them(self, serve):
        class AnyView(StrictView):
            permissions_required = FORBIDDEN

            def has_any_permission(self, request):
                return self.body["word"] == "sesame" or super().has_any_permission(
                    request
                )

        gateway = serve(AnyView)
        gateway.connect()

        say = {"handler": "say"}
        assert gateway.message({**say, "word": "sesame"}).status_code == 200
        assert gateway.message({**say, "word": "barley"}).status_code == 403

    def test_decides_about_all_of_them(self, serve):
        asked = []

        class AllView(StrictView):
            all_permissions_required = FORBIDDEN

            def has_all_permission(self, request):
                asked.append(request.user.is_anonymous)
                return super().has_all_permission(request)

        gateway = serve(AllView)
        gateway.connect()

        assert gateway.message({"handler": "say"}).status_code == 403
        assert asked == [True]

    def test_is_asked_about_connects_where_the_view_looks_at_them(self, serve):
        class ConnectView(StrictView):
            permissions_required = FORBIDDEN
            CHECK_PERMISSIONS_ON_CONNECT = True

            def has_any_permission(self, request):
                return request.GET["channel"] == "open"

        gateway = serve(ConnectView)

        assert gateway.connect(ALICE, query="channel=open").status_code == 200
        assert gateway.connect(BOB, query="channel=closed").status_code == 403


class TestTheHookForConnects:
    def test_may_refuse_after_the_admission(self, serve):
        class FullView(PublicView):
            def connect(self, request, *args, **kwargs):
                admitted = super().connect(request, *args, **kwargs)
                full = HttpResponse("The room is full", status=503)
                return full if request.GET["channel"] == "full" else admitted

        gateway = serve(FullView)

        assert gateway.connect(ALICE, query="channel=lobby").status_code == 200
        answer = gateway.connect(BOB, query="channel=full")
        assert refusal(answer) == (503, "The room is full")
        assert [row["connected"] for row in rows()] == [True, False]

    def test_may_refuse_as_the_admission_does(self, serve):
        class ClosedView(PublicView):
            def connect(self, request, *args, **kwargs):
                raise NotPermitted("closed today")

        answer = serve(ClosedView).connect()

        assert refusal(answer) == (403, "Permission Denied")
        assert rows() == []


def test_the_hook_for_disconnects_is_asked(serve):
    left = []

    class LeavingView(PublicView):
        def disconnect(self, request, *args, **kwargs):
            left.append(self.event.connection_id)
            return super().disconnect(request, *args, **kwargs)

    gateway = serve(LeavingView)
    gateway.connect()

    assert gateway.disconnect().status_code == 200
    assert left == [ALICE]
    assert [row["connected"] for row in rows()] == [False]
