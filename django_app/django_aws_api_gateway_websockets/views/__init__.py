from .tokens import WebSocketTokenView
from .websocket import WebSocketView

__all__ = ("WebSocketTokenView", "WebSocketView")
