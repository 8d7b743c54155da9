"""What the Management API answers, byte by byte."""

from http import HTTPStatus

# "Use @connections commands in your backend service", Amazon API Gateway.
ERROR_TYPES = {
    HTTPStatus.FORBIDDEN: "ForbiddenException",
    HTTPStatus.GONE: "GoneException",
    HTTPStatus.TOO_MANY_REQUESTS: "LimitExceededException",
    HTTPStatus.INTERNAL_SERVER_ERROR: "InternalServerErrorException",
}


def answer(status: HTTPStatus) -> bytes:
    """Return a response with the headers that API Gateway sends."""
    without_body = status in {HTTPStatus.OK, HTTPStatus.GONE}
    body = "" if without_body else f'{{"message":"{status.phrase}"}}'
    lines = [
        f"HTTP/1.1 {status} {status.phrase}",
        "Date: Tue, 24 Nov 2026 12:00:00 GMT",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: keep-alive",
        "x-amzn-RequestId: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        "x-amz-apigw-id: VfRzqE3joAMEJ1A=",
    ]
    if status in ERROR_TYPES:
        lines.append(f"x-amzn-ErrorType: {ERROR_TYPES[status]}")
    return "\r\n".join([*lines, "", body]).encode()


# Made once: a stub that is slower than its client would measure itself.
ANSWERS = {int(status): answer(status) for status in (HTTPStatus.OK, *ERROR_TYPES)}
