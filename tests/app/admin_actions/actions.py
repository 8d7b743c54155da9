"""What staff posts from the list of sessions, and what comes of it."""

import json
from urllib.parse import urlencode

from django.contrib.admin.models import LogEntry

SESSIONS = "/admin/django_aws_api_gateway_websockets/websocketsession/"
HISTORY = f"{SESSIONS}history/"
NOTICE = {"type": "notice", "text": "Café at <noon>"}
SEND, HANG_UP = "send_to_selected", "hang_up_selected"


def choose(client, action, sessions, *, across=False, where=None, **fields):
    """What the list posts, or the page after it."""
    data = {
        "action": action,
        "_selected_action": [session.pk for session in sessions],
        "select_across": "1" if across else "0",
        **fields,
    }
    url = f"{SESSIONS}?{urlencode(where or {})}"
    return client.post(url, data, secure=True)


def send(client, sessions, message=NOTICE, **options):
    text = message if isinstance(message, str) else json.dumps(message)
    return choose(client, SEND, sessions, message=text, **options)


def hang_up(client, sessions, **options):
    return choose(client, HANG_UP, sessions, confirmed="yes", **options)


def lines(answer):
    return {line.outcome: line.sessions for line in answer.context["lines"]}


def entries():
    rows = LogEntry.objects.order_by("pk")
    return [(row.object_repr, row.get_change_message()) for row in rows]
