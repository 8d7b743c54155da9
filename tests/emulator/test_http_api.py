"""What a function behind an HTTP API receives, and what the client gets back."""

import asyncio
import base64
import io
from pathlib import Path

import aiohttp
import pytest
import websockets
from yarl import URL

from tests.emulator.conftest import Emulate
from tests.emulator.templates import ECHO, function, http_api, write_template


def answering(answer: str) -> str:
    return ECHO.replace(
        'return {"statusCode": 200, "body": "echo"}', f"return {answer}"
    )


async def test_an_event_has_the_shape_of_payload_format_2(
    tmp_path: Path, emulate: Emulate
) -> None:
    running = await emulate(write_template(tmp_path, function(), http_api()))
    url = f"{running.site}/a%20b/?x=1&x=2&y="
    headers = [
        ("Cookie", "a=1; b=2"),
        ("X-Two", "1"),
        ("X-Two", "2"),
        ("User-Agent", "test"),
    ]

    async with aiohttp.ClientSession() as client:
        async with client.get(URL(url, encoded=True), headers=headers) as response:
            assert await response.text() == "echo"

    (event,) = running.events()
    assert event["version"] == "2.0"
    assert event["routeKey"] == event["requestContext"]["routeKey"] == "$default"
    assert event["rawPath"] == "/a%20b/"
    assert event["rawQueryString"] == "x=1&x=2&y="
    assert event["queryStringParameters"] == {"x": "1,2", "y": ""}
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]
    assert event["headers"]["x-two"] == "1,2"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert event["headers"]["x-amzn-trace-id"].startswith("Root=1-")
    assert event["requestContext"]["http"]["method"] == "GET"
    assert event["requestContext"]["http"]["userAgent"] == "test"
    assert event["isBase64Encoded"] is False
    assert not {"body", "pathParameters", "stageVariables"} & event.keys()


async def test_only_text_bodies_come_as_text(tmp_path: Path, emulate: Emulate) -> None:
    running = await emulate(write_template(tmp_path, function(), http_api()))

    async with aiohttp.ClientSession() as client:
        for content_type in (
            "application/json; charset=utf-8",
            "text/plain",
            "application/x-www-form-urlencoded",
        ):
            await client.post(
                running.site, data=b"a=1", headers={"Content-Type": content_type}
            )

    as_json, as_text, as_form = running.events()
    assert (as_json["body"], as_json["isBase64Encoded"]) == ("a=1", False)
    assert (as_text["body"], as_text["isBase64Encoded"]) == ("a=1", False)
    assert base64.b64decode(as_form["body"]) == b"a=1"
    assert as_form["isBase64Encoded"] is True


async def test_cookies_binary_bodies_and_statuses_reach_the_client(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = answering(
        '{"statusCode": 404, "headers": {"X-A": "1", "Connection": "close"}, '
        '"cookies": ["a=1; Path=/", "b=2"], "body": "/wA=", "isBase64Encoded": True}'
    )
    running = await emulate(write_template(tmp_path, function(), http_api(), code=code))

    async with aiohttp.ClientSession() as client, client.get(running.site) as response:
        assert response.status == 404
        assert await response.read() == b"\xff\x00"
        assert response.headers.getall("Set-Cookie") == ["a=1; Path=/", "b=2"]
        assert response.headers["X-A"] == "1"
        assert "Connection" not in response.headers


async def test_an_answer_without_a_status_is_the_body(
    tmp_path: Path, emulate: Emulate
) -> None:
    running = await emulate(
        write_template(tmp_path, function(), http_api(), code=answering('{"a": 1}'))
    )

    async with aiohttp.ClientSession() as client, client.get(running.site) as response:
        assert response.status == 200
        assert await response.json() == {"a": 1}


async def test_a_malformed_answer_and_an_exception_are_internal_errors(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = answering(
        '{"statusCode": "many"} if "malformed" in event["rawPath"] else 1 / 0'
    )
    running = await emulate(write_template(tmp_path, function(), http_api(), code=code))

    async with aiohttp.ClientSession() as client:
        for path in ("/malformed", "/raises"):
            async with client.get(running.site + path) as response:
                assert response.status == 500
                assert await response.text() == '{"message":"Internal Server Error"}'


async def test_routes_of_a_sam_api_match_by_method_and_path(
    tmp_path: Path, emulate: Emulate
) -> None:
    events = {
        "Item": {
            "Type": "HttpApi",
            "Properties": {"Path": "/items/{id}", "Method": "GET"},
        },
        "Rest": {
            "Type": "HttpApi",
            "Properties": {"Path": "/items/{rest+}", "Method": "ANY"},
        },
    }
    running = await emulate(write_template(tmp_path, function(Events=events)))

    async with aiohttp.ClientSession() as client:
        await client.get(f"{running.site}/items/7")
        await client.get(f"{running.site}/items/7/parts")
        await client.post(f"{running.site}/items/7")
        async with client.get(f"{running.site}/other") as missing:
            assert missing.status == 404
            assert await missing.text() == '{"message":"Not Found"}'

    item, rest, post = running.events()
    assert (item["routeKey"], item["pathParameters"]) == (
        "GET /items/{id}",
        {"id": "7"},
    )
    assert (rest["routeKey"], rest["pathParameters"]) == (
        "ANY /items/{rest+}",
        {"rest": "7/parts"},
    )
    assert post["routeKey"] == "ANY /items/{rest+}"


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("DELETE", "/a/7", "ANY /a/{rest+}"),
        ("DELETE", "/b", "DELETE /{all+}"),
        ("GET", "/users/7", "GET /users/{user-id}"),
    ],
)
async def test_the_most_specific_route_wins(
    tmp_path: Path, emulate: Emulate, method: str, path: str, key: str
) -> None:
    keys = ("DELETE /{all+}", "ANY /a/{rest+}", "GET /users/{user-id}")
    events = {
        f"Route{number}": {
            "Type": "HttpApi",
            "Properties": dict(zip(("Method", "Path"), key.split(), strict=True)),
        }
        for number, key in enumerate(keys)
    }
    running = await emulate(write_template(tmp_path, function(Events=events)))

    async with aiohttp.ClientSession() as client:
        await client.request(method, running.site + path)

    assert running.events()[0]["routeKey"] == key


async def test_a_path_without_the_stage_is_not_found(
    tmp_path: Path, emulate: Emulate
) -> None:
    running = await emulate(write_template(tmp_path, function(), http_api(stage="v1")))

    async with aiohttp.ClientSession() as client:
        async with client.get(f"{running.site}/page") as response:
            assert response.status == 404


@pytest.mark.parametrize(
    "answer",
    [
        '{"statusCode": 100}',
        '{"statusCode": 1e400}',
        '{"statusCode": 200, "headers": {"X-A": "☃"}}',
        '{"statusCode": 200, "headers": {"X A": "1"}}',
        '{"statusCode": 200, "headers": {"X-A": "1\\r\\nX-B: 2"}}',
        '{"statusCode": 200, "headers": ["X-A"]}',
        '{"statusCode": 200, "cookies": "a=b"}',
        '{"statusCode": 200, "body": "!", "isBase64Encoded": True}',
    ],
)
async def test_an_answer_that_cannot_be_sent_is_an_internal_error(
    tmp_path: Path, emulate: Emulate, answer: str
) -> None:
    running = await emulate(
        write_template(tmp_path, function(), http_api(), code=answering(answer))
    )

    async with aiohttp.ClientSession() as client, client.get(running.site) as response:
        assert response.status == 500


async def test_a_body_that_is_cut_off_reaches_no_function(
    tmp_path: Path, emulate: Emulate
) -> None:
    running = await emulate(write_template(tmp_path, function(), http_api()))
    port = int(running.site.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.3)

    assert running.events() == []


async def test_a_websocket_handshake_is_an_ordinary_request(
    tmp_path: Path, emulate: Emulate
) -> None:
    running = await emulate(write_template(tmp_path, function(), http_api()))

    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(running.site.replace("http://", "ws://"))

    assert refused.value.response.status_code == 200
    assert running.events()[0]["requestContext"]["http"]["method"] == "GET"


async def test_a_named_stage_stands_first_in_the_path(
    tmp_path: Path, emulate: Emulate
) -> None:
    running = await emulate(
        write_template(tmp_path, function(), http_api("GET /page", stage="v1"))
    )

    async with aiohttp.ClientSession() as client:
        async with client.get(f"{running.site}/v1/page") as response:
            assert response.status == 200
        async with client.get(f"{running.site}/v2/page") as response:
            assert response.status == 404

    (event,) = running.events()
    assert event["rawPath"] == "/v1/page"
    assert event["requestContext"]["stage"] == "v1"


MEGABYTE = 1024 * 1024


# Ten megabytes are API Gateway's limit; six are Lambda's, for the event that holds the body.
@pytest.mark.parametrize("size", [10 * MEGABYTE + 1, 5 * MEGABYTE])
async def test_an_oversize_body_is_refused(
    tmp_path: Path, emulate: Emulate, capfd: pytest.CaptureFixture[str], size: int
) -> None:
    running = await emulate(write_template(tmp_path, function(), http_api()))

    async with aiohttp.ClientSession() as client:
        async with client.post(running.site, data=io.BytesIO(b"x" * size)) as response:
            assert response.status == 413
            assert await response.json() == {"message": "Request Entity Too Large"}

    assert running.events() == []
    assert "  413  " in capfd.readouterr().err


async def test_the_integrations_time_out_holds(
    tmp_path: Path, emulate: Emulate
) -> None:
    api = http_api()
    api["HttpIntegration"]["Properties"]["TimeoutInMillis"] = 200
    code = "import time\ndef handler(event, context):\n    time.sleep(1)\n"
    running = await emulate(write_template(tmp_path, function(), api, code=code))

    async with aiohttp.ClientSession() as client, client.get(running.site) as response:
        assert response.status == 503
        assert await response.text() == '{"message":"Service Unavailable"}'
