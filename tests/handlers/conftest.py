import pytest

from lambda_handlers import asgi_api, http_api

READ_AT_ONCE = "ignore:StreamingHttpResponse must consume synchronous"


@pytest.fixture(
    params=[
        pytest.param(http_api, id="wsgi"),
        pytest.param(
            asgi_api, id="asgi", marks=pytest.mark.filterwarnings(READ_AT_ONCE)
        ),
    ]
)
def handler(request):
    return request.param.handler
