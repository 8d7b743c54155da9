"""What Django answers with 403, 404 or 400 is a refusal in a handler too, and no error."""

import logging

import pytest
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    SuspiciousOperation,
)
from django.http import Http404

from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import PublicView, refusal
from tests.gateway import ALICE
from tests.mails import ADMINS

pytestmark = pytest.mark.django_db(transaction=True)

INVALID = (400, "invalid_request_format", "Invalid request format (1)")
DENIED = (403, "permission_denied", "Permission Denied")


@pytest.mark.parametrize("atomic", [False, True])
@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (PermissionDenied("a secret detail"), DENIED),
        (Http404("a secret detail"), INVALID),
        (SuspiciousOperation("a secret detail"), INVALID),
        (DisallowedHost("a secret detail"), INVALID),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_client_is_told_and_nobody_is_mailed(
    serve, transport, settings, mailoutbox, caplog, error, answer, atomic
):
    settings.ADMINS = ADMINS

    class RaisingView(PublicView):
        @handler
        def look(self, request, *args, **kwargs):
            raise error

    RaisingView.atomic = atomic
    gateway = serve(RaisingView)
    gateway.connect()
    caplog.clear()

    response = gateway.message({"handler": "look", "id": 7})

    status, code, text = answer
    assert refusal(response) == (status, text)
    assert transport.messages_to(ALICE) == [
        {"type": "error", "id": 7, "code": code, "message": text}
    ]
    [record] = caplog.records
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)
    assert type(error).__name__ in record.getMessage()
    assert "a secret detail" not in caplog.text
    assert mailoutbox == []
    assert gateway.message({"handler": "ping"}).status_code == 200
