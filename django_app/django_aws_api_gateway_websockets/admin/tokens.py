from django.contrib import admin

from django_aws_api_gateway_websockets.models import WebSocketToken

from .read_only import UsersRowAdmin


@admin.register(WebSocketToken)
class WebSocketTokenAdmin(UsersRowAdmin):
    """Whose tokens there are, and which were used: never what opens a socket."""

    list_display = ("__str__", "of_user", "created_at", "used", "connection_id")
    list_filter = ("used",)
    fields = ("user", "created_at", "used", "connection_id")
