"""What happens to sockets, for a project that counts or shows it.

A receiver that raises stops nothing: its error is logged. A receiver runs while the
gateway waits for the answer, so whatever takes long belongs elsewhere.
"""

from django.dispatch import Signal

# A client is connected, or one that was taken for gone has written.
# sender: the view's class. session, request.
connected = Signal()

# Sessions that were open have ended. sender: WebSocketSession.
# connection_ids: a list. reason: a ClosedReason.
disconnected = Signal()

# Messages found nobody; whoever writes after that was not gone, and is `connected`.
# Of one that really was, nothing more is told.
# sender: WebSocketSession. connection_ids: a list. reason: ClosedReason.GONE.
gone = Signal()

# A connect, message or disconnect was refused.
# sender: the view's class. refusal, request.
refused = Signal()

# A handler has returned. sender: the view's class. session, handler (its name), request.
message_handled = Signal()
