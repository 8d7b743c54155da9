"""A connect that is refused beside the checks: by a backend, or by an override."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse

from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.echo import PublicView
from tests.app.logins import connect_with_token, cookie_of, logged_in, token_for
from tests.gateway import rows, session

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_user_who_is_not_active_is_anybody_whatever_the_backend_says(serve, settings):
    settings.AUTHENTICATION_BACKENDS = (
        "django.contrib.auth.backends.AllowAllUsersModelBackend",
    )
    cookie = cookie_of(logged_in())
    User.objects.update(is_active=False)

    serve(PublicView).connect(Cookie=cookie, Origin="https://site.example")

    assert session().user is None


def test_an_override_that_refuses_a_repeated_connect_leaves_the_session_open(
    serve, transport
):
    class OnceView(WebSocketView):
        answers = [200, 403]  # noqa: RUF012

        def connect(self, request, *args, **kwargs):
            response = super().connect(request, *args, **kwargs)
            status = self.answers.pop(0)
            return response if status == 200 else HttpResponse(status=status)

    gateway, token = serve(OnceView), token_for()
    assert connect_with_token(gateway, token=token).status_code == 200
    before = rows()

    assert connect_with_token(gateway, token=token).status_code == 403

    assert rows() == before
    assert session().connected


def test_an_override_that_refuses_a_first_connect_ends_the_session(serve, transport):
    class NeverView(WebSocketView):
        def connect(self, request, *args, **kwargs):
            super().connect(request, *args, **kwargs)
            return HttpResponse(status=403)

    assert connect_with_token(serve(NeverView)).status_code == 403

    assert not session().connected
