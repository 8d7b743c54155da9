"""Which methods of a view clients may call."""

import json

import pytest

from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import PublicView

pytestmark = pytest.mark.django_db(transaction=True)


class BaseView(PublicView):
    attribute = "text"

    class Nested:
        """Is a callable, and no method."""

    def method(self, request, *args, **kwargs):
        return {"ran": "method"}

    def other(self, request, *args, **kwargs):
        return {"ran": "other"}

    def größe(self, request, *args, **kwargs):
        return {"ran": "größe"}

    @staticmethod
    def static(request, *args, **kwargs):
        raise AssertionError("no client may call this")

    @classmethod
    def of_class(cls, request, *args, **kwargs):
        raise AssertionError("no client may call this")

    @property
    def computed(self):
        raise AssertionError("no client may call this")

    def _private(self, request, *args, **kwargs):
        raise AssertionError("no client may call this")

    def refused(self, request, *args, **kwargs):
        return super().refused(request, *args, **kwargs)


class Mixin:
    def mixed_in(self, request, *args, **kwargs):
        return {"ran": "mixed_in"}


NEVER = [
    *("attribute", "Nested", "static", "of_class", "computed", "_private", "missing"),
    *("__init__", "__class__", "__dict__", "__init_subclass__", ""),
    *("connect", "disconnect", "post", "dispatch", "setup", "options", "as_view"),
    *("http_method_not_allowed", "refused", "can_join_channel", "permission_denied"),
    *("METHOD", "method ", "meth", "m", "\uff4dethod", "method\0", "self.method"),
]  # fmt: skip


@pytest.fixture
def ran(serve, transport):
    """What the view has run for each message; None is a refusal."""
    gateways = []

    def ran(view, *messages, route="default"):
        gateway = serve(view)
        gateway.connect(f"{len(gateways)}=")
        gateways.append(gateway)
        for message in messages:
            gateway.call(route, message, connection_id=f"{len(gateways) - 1}=")
        frames = transport.messages_to(f"{len(gateways) - 1}=")
        return [answer(frame) for frame in frames]

    def answer(frame):
        if frame["type"] == "reply":
            return frame["data"]["ran"]
        return None if frame["code"] == "invalid_request_format" else frame["code"]

    return ran


def named(name):
    return json.dumps({"handler": name})


class TestAllowedHandlers:
    @pytest.mark.parametrize(
        ("allowed", "answers"),
        [
            ("method", ["method", None, None]),
            (["method", "other"], ["method", "other", None]),
            (("method",), ["method", None, None]),
            ({"other", "größe"}, [None, "other", "größe"]),
            (frozenset(), [None, None, None]),
        ],
        ids=["text", "list", "tuple", "set", "empty"],
    )
    def test_may_be_one_name_or_several(self, ran, allowed, answers):
        class AllowingView(BaseView):
            ALLOWED_HANDLERS = allowed

        asked = [named(name) for name in ("method", "other", "größe")]
        assert ran(AllowingView, *asked) == answers

    def test_can_be_added_to(self, ran):
        class AddingView(BaseView):
            ALLOWED_HANDLERS = ("method",)
            ADDITIONAL_ALLOWED_HANDLERS = ("other",)

        assert ran(AddingView, named("method"), named("other")) == ["method", "other"]

    @pytest.mark.parametrize("automatic", [False, True])
    def test_do_not_open_what_no_client_may_call(self, ran, automatic):
        class CarelessView(BaseView):
            ALLOWED_HANDLERS = NEVER
            AUTOMATIC_HANDLERS = automatic

        answers = ran(CarelessView, *map(named, NEVER))

        assert answers == [None] * len(NEVER)


class TestAutomaticHandlers:
    class AutomaticView(Mixin, BaseView):
        AUTOMATIC_HANDLERS = True

    def test_are_the_methods_that_the_project_has_added(self, ran):
        names = ("method", "other", "größe", "mixed_in")

        assert ran(self.AutomaticView, *map(named, names)) == [*names]

    @pytest.mark.parametrize("allowed", [(), ("method",)])
    def test_are_off_by_default(self, ran, allowed):
        class UsualView(Mixin, BaseView):
            ALLOWED_HANDLERS = allowed

        assert ran(UsualView, named("other"), named("mixed_in")) == [None, None]


class TestMarks:
    def test_last_through_decorators(self, ran):
        def unwrapped(method):
            def inner(self, request, *args, **kwargs):
                return method(self, request, *args, **kwargs)

            return inner

        class DecoratedView(PublicView):
            @handler
            @unwrapped
            def decorated(self, request, *args, **kwargs):
                return {"ran": "decorated"}

            alias = decorated

        answers = ran(DecoratedView, named("decorated"), named("alias"), named("inner"))

        assert answers == ["decorated", "decorated", None]

    def test_open_no_part_of_the_view_itself(self, ran):
        class OverridingView(PublicView):
            @handler
            def disconnect(self, request, *args, **kwargs):
                raise AssertionError("no client may call this")

        assert ran(OverridingView, named("disconnect")) == [None]

    def test_can_be_taken_back(self, ran):
        class MarkedView(PublicView):
            @handler
            def chat(self, request, *args, **kwargs):
                raise AssertionError("no client may call this")

        class ClosedView(MarkedView):
            chat = None

        assert ran(ClosedView, named("chat")) == [None]


class TestKeys:
    class OtherKeysView(BaseView):
        ALLOWED_HANDLERS = ("method", "other")
        handler_selection_key = "type"
        route_selection_key = "verb"

    @pytest.mark.parametrize(
        ("message", "answer"),
        [
            ('{"type": "method"}', "method"),
            ('{"verb": "method"}', "method"),
            ('{"type": "method", "verb": "other"}', "method"),
            ('{"type": "nothing", "verb": "other"}', "other"),
            ('{"handler": "method", "action": "method"}', None),
        ],
    )
    def test_may_have_other_names(self, ran, message, answer):
        assert ran(self.OtherKeysView, message) == [answer]


class TestCustomRoute:
    """Its own selection key is the gateway's: the message may hold none of ours."""

    class RoutedView(BaseView):
        ALLOWED_HANDLERS = ("method", "other")

    class DefaultView(RoutedView):
        def default(self, request, *args, **kwargs):
            return {"ran": "default"}

    @pytest.mark.parametrize(
        ("message", "answer"),
        [
            ('{"type": "method"}', "method"),
            ('{"handler": "other"}', "other"),
            ('{"action": "other"}', "other"),
            ('{"action": "nothing"}', "method"),
        ],
    )
    def test_names_the_handler_where_the_message_does_not(self, ran, message, answer):
        assert ran(self.RoutedView, message, route="method") == [answer]

    @pytest.mark.parametrize("route", ["nothing", "_private", "static", "a-b"])
    def test_that_names_none_is_for_default(self, ran, route):
        assert ran(self.DefaultView, '{"type": "a"}', route=route) == ["default"]
        assert ran(self.RoutedView, '{"type": "a"}', route=route) == [None]
