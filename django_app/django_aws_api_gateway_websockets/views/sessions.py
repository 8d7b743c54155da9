"""Whose event is it?"""

from django.utils.functional import cached_property

from django_aws_api_gateway_websockets.admission.requests import find_gateway
from django_aws_api_gateway_websockets.events import GatewayEvent
from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession


class SessionOfEvent:
    event: GatewayEvent
    api_gateway: ApiGateway

    @cached_property
    def websocket_session(self) -> WebSocketSession:
        """The session of the client; None in a `connect` that has not admitted it yet.

        A disconnect closes it unread, so there it is loaded when it is asked for, and
        None if the client was never admitted.
        """
        # Before it is admitted, a client may show the connection id of another one.
        is_admitted = self.event.route != "connect"
        # No Optional: in handlers, where most ask, there always is one.
        return self._find_session() if is_admitted else None  # type: ignore[return-value]

    def _find_session(self) -> WebSocketSession | None:
        """With its user and gateway, in one statement."""
        session = WebSocketSession.objects.of_connection(self.event.connection_id)
        self.api_gateway = find_gateway(self.event)
        if session is None or session.api_gateway_id != self.api_gateway.pk:
            return None
        session.api_gateway = self.api_gateway
        return session
