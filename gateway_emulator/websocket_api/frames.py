"""The text frames that API Gateway makes itself, byte for byte."""

FORBIDDEN = "Forbidden"
INTERNAL_SERVER_ERROR = "Internal server error"
TIMED_OUT = "Endpoint request timed out"


def error_frame(message: str, connection_id: str, request_id: str) -> str:
    """Return an error frame; a blank after the first colon and after each comma, no others."""
    return f'{{"message": "{message}", "connectionId":"{connection_id}", "requestId":"{request_id}"}}'
