"""docs/howto/moving-from-the-peer.md: each difference that it names has a test."""

import ast
import re
from functools import cache

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.core.management import get_commands
from django.urls import path

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.messaging.memory_transport import (
    MemoryTransport,
)
from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ApiGatewayAdditionalRoute,
    WebSocketSession,
)
from tests.app.logins import connect_with_token
from tests.docs.pages import INLINE, ROOT, table
from tests.docs.python_blocks import run
from tests.gateway import ALICE, SECRET, Gateway, session

PAGE = "docs/howto/moving-from-the-peer.md"
TEXT = (ROOT / PAGE).read_text()

TESTS_OF_ROWS = {
    "What becomes of your rows": {
        "gateways, routes, rules": "adoption/test_rows.py::test_every_row_is_kept",
        "sessions": "adoption/test_rows.py::test_a_closed_socket_stays_closed",
        "open sockets of anybody": "adoption/test_rows.py::test_a_socket_without_a_user_goes_on",
        "open sockets of users": "adoption/test_rows.py::test_a_users_socket_comes_back_when_it_writes",
        "sessions that are said": "adoption/test_rows.py::test_the_clean_up_lets_users_come_back_and_closes_what_was_forgotten",
        "tokens": "adoption/test_rows.py::test_its_tokens_are_not_kept",
    },
    "What is different": {
        "no `gateway_secret`": "app/test_trust.py::TestTrust::test_no_secret_accepts_no_header",
        "the address of a client": "app/test_forged_addresses.py::test_a_header_of_the_client_gives_it_no_other_address",
        "addresses of one IPv6": "app/test_forged_addresses.py::test_addresses_of_one_ipv6_network_are_one",
        "`ALLOWED_HOSTS`": "app/test_origins.py::TestUnlistedOrigins::test_a_wildcard_of_allowed_hosts_is_fine",
        "pages of another host": "app/test_origins.py::TestListedOrigins::test_are_accepted",
        "a client without a cookie": "app/test_token_connects.py::TestConnect::test_needs_no_cookie_and_no_origin",
        "`X-Real-Ip`": "docs/test_moving_from_the_peer.py::test_the_headers_of_its_gateways_are_enough",
        "GET, PUT": "app/test_bad_input.py::TestBadInput::test_another_method",
        "negative ages": "app/test_cleanup_commands.py::TestCleanupWebSocketTokens::test_refuses_an_age_that_is_none_before_it_deletes_anything",
        "`clearWebSocketSessions`": "app/test_cleanup_commands.py::TestClearWebSocketSessions::test_closes_the_aged_and_deletes_the_closed_at_once",
        "mails about": "app/test_exception_mails.py::TestMail::test_says_where_it_happened_and_not_what_was_said",
        "methods that clients": "app/test_handler_table.py::TestAutomaticHandlers::test_are_off_by_default",
        "static methods": "app/test_checks.py::TestUncallableHandlers::test_may_be_static",
        '`{"handler"': "app/test_handlers.py::TestMessage::test_handler_comes_before_action",
        "a message for a route": "app/test_handler_table.py::TestCustomRoute::test_names_the_handler_where_the_message_does_not",
        "a dictionary": "app/test_messages.py::TestMessage::test_a_dictionary_is_sent_as_a_reply",
        "refused messages": "app/test_bad_input.py::TestBadInput::test_a_message_that_cannot_be_carried_out",
        "`ping`": "app/test_messages.py::TestMessage::test_a_ping_may_be_the_bare_word",
        "tokens": "app/test_token_connects.py::TestRequireSessionCookie::test_a_token_alone_opens_nothing",
        "the value of a token": "app/test_tokens.py::TestGenerateToken::test_returns_the_value_and_stores_a_hash_of_it",
        "a user who was": "app/test_token_connects.py::TestRefused::test_a_user_who_was_deactivated_or_has_another_password",
        "wrong tokens": "app/test_connect_limits.py::TestAddress::test_what_is_refused_is_an_attempt",
        "attempts that were": "app/test_connect_limits.py::TestAddress::test_who_retries_all_the_time_is_admitted_again",
        "many attempts": "app/test_rate_limit_races.py::test_connects_of_one_address",
        "`ConnectionRateLimit`": "app/test_attempts.py::test_admission_records_none",
        "messages": "app/test_message_limits.py::TestExcessMessages::test_are_dropped",
        "a connect for an id": "app/test_repeated_connects.py::test_with_another_token_it_is_refused_and_that_token_is_still_good",
        "a connect after": "app/test_connects.py::TestConnect::test_a_connect_after_its_disconnect_is_refused",
        "`channel=": "app/test_channels.py::TestTheChannelOfAConnect::test_has_a_plain_name_once_or_there_is_no_session",
        "logging out, another": "app/test_logins.py::TestLoggingOut::test_hangs_up_with_a_goodbye",
        "a `SECRET_KEY`": "app/test_logins.py::test_another_key_of_the_site_ends_no_login",
        "logging out after": "app/test_logins.py::TestLoggingOut::test_hangs_up_on_what_was_opened_under_other_keys",
        "the gateway of": "app/test_changed_users.py::test_the_clients_of_a_deleted_gateway_may_come_back",
        "`request_count`": "app/test_connects.py::TestConnect::test_makes_a_session_in_the_channel_of_the_query",
        "a client that was": "app/test_messages.py::TestMessage::test_proves_that_a_session_is_not_gone",
        "`send_message`": "docs/test_sending_like_the_peer.py::test_one_session_is_what_is_said",
        "sliced,": "app/any_queryset/test_sending.py::test_each_that_is_open_gets_it_once",
        "a gateway that": "docs/test_moving_from_the_peer.py::test_saving_and_deleting_calls_nobody",
        "upper and lower": "app/test_migrations.py::test_names_are_compared_letter_by_letter",
        "what AWS answers": "app/test_migrations.py::test_what_aws_answers_fits",
        "the app on": "app/test_second_database.py::test_all_works_on_a_second_database",
    },
    "What is not there yet": {
        "`createApiGateway`": "docs/test_moving_from_the_peer.py::test_what_is_not_there_yet_is_not_there",
        "Create API": "docs/test_moving_from_the_peer.py::test_what_is_not_there_yet_is_not_there",
        "`create_gateway`": "docs/test_moving_from_the_peer.py::test_what_is_not_there_yet_is_not_there",
        "`push_changes": "app/test_setting_checks.py::test_a_key_of_provisioning_is_said_to_do_nothing",
        "saving": "docs/test_moving_from_the_peer.py::test_saving_and_deleting_calls_nobody",
    },
}

# What the integrations of a gateway send that the other package has made, with the
# secret added to them, and nginx behind it.
OF_ITS_GATEWAY = {
    "X_Ws_Source_Ip": None,
    "X_Ws_Event_Type": None,
    "X_Ws_Api_Id": None,
    "X_Forwarded_For": "203.0.113.50",
    "X_Forwarded_Proto": "https",
}


def rows_of(section: str) -> list[str]:
    """The first cells of the tables below this heading."""
    _, _, text = TEXT.partition(f"## {section}\n")
    lines = text.split("\n## ")[0].splitlines()
    cells = [
        line.strip("| ").split(" | ")[0] for line in lines if line.startswith("| ")
    ]
    return [cell for cell in cells if cell not in {"about", "rows", "what"}]


@cache
def functions_in(file: str) -> set[str]:
    """As pytest names them: those in a class as `Class::test`."""
    tree = ast.parse((ROOT / "tests" / file).read_text())
    classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    return names_of(tree.body) | {
        f"{each.name}::{name}" for each in classes for name in names_of(each.body)
    }


def names_of(body: list[ast.stmt]) -> set[str]:
    return {each.name for each in body if isinstance(each, ast.FunctionDef)}


@pytest.mark.parametrize("section", TESTS_OF_ROWS)
def test_each_row_has_its_test(section):
    tests = TESTS_OF_ROWS[section]
    rows = rows_of(section)

    assert len(rows) == len(tests)
    for row, (begin, test) in zip(rows, tests.items(), strict=True):
        assert row.startswith(begin)
        file, _, name = test.partition("::")
        assert name in functions_in(file), test


@pytest.mark.django_db(transaction=True)
def test_the_lines_of_the_page_work(settings, monkeypatch, transport):
    monkeypatch.setenv("GATEWAY_SECRET", SECRET)
    ours = settings.WEBSOCKETS
    settings.WEBSOCKETS = run(PAGE, containing="WEBSOCKETS")["WEBSOCKETS"]
    settings.WEBSOCKETS["transport"] = ours["transport"]
    view = run(PAGE, containing="ChatView")["ChatView"]
    settings.ROOT_URLCONF = (path("ws/<slug:route>", view.as_view()),)
    gateway = Gateway()

    assert connect_with_token(gateway, **OF_ITS_GATEWAY).status_code == 200
    message = {"handler": "chat", "text": "hello"}
    assert gateway.message(message, **OF_ITS_GATEWAY).status_code == 200
    assert transport.messages_to(ALICE) == [{"said": "hello"}]
    assert gateway.disconnect(**OF_ITS_GATEWAY).status_code == 200


@pytest.mark.django_db
def test_the_headers_of_its_gateways_are_enough(serve, transport):
    gateway = serve(run(PAGE, containing="ChatView")["ChatView"])

    answer = connect_with_token(gateway, **OF_ITS_GATEWAY)

    assert answer.status_code == 200
    assert session().connected


def test_the_commands_of_the_page_are_there():
    named = set(re.findall(r"python manage.py (\w+)", TEXT))

    assert named <= {*get_commands()}
    assert "cleanup_websockets" in named


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("auth_hash", "reason"), [("f" * 64, "password"), ("", "logout")]
)
def test_a_socket_of_a_user_is_closed_for_the_reason_on_the_page(
    transport, auth_hash, reason
):
    row = WebSocketSession.objects.create(
        connection_id=ALICE,
        channel_name="lobby",
        user=User.objects.create(username="alice"),
        api_gateway=ApiGateway.objects.create(
            api_name="mine", api_id="mine1", callback_url="https://aws.example/prod"
        ),
        session_key_hash="f" * 64,
        auth_hash=auth_hash,
    )

    clean_up()

    row.refresh_from_db()
    assert row.closed_reason == reason
    _, _, text = TEXT.partition("| open sockets of users |")
    assert f"the reason `{reason}`" in text.partition("\n")[0]
    assert transport.messages_to(ALICE)[-1]["reconnect"] is True


def test_what_is_installed_is_there_before_the_other_package_goes():
    before, _, after = TEXT.partition("pip uninstall")

    assert "~/django-serverless-websockets" in before
    assert "\npip install ~/django-serverless-websockets\n" in after


def test_the_checks_say_what_the_page_says(settings, monkeypatch):
    monkeypatch.setenv("GATEWAY_SECRET", SECRET)
    settings.WEBSOCKETS = run(PAGE, containing="WEBSOCKETS")["WEBSOCKETS"]
    view = run(PAGE, containing="ChatView")["ChatView"]
    settings.ROOT_URLCONF = (path("ws/<slug:route>", view.as_view()),)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    said = run_checks(
        app_configs=None,
        tags=["security", "compatibility", "urls"],
        include_deployment_checks=True,
    )

    ours = "django_aws_api_gateway_websockets."
    ids = {each.id.removeprefix(ours) for each in said if each.id.startswith(ours)}
    assert ids == {warning for warning, _ in table(PAGE, "warning")}


def test_what_is_not_there_yet_is_not_there():
    _, _, text = TEXT.partition("## What is not there yet\n")
    commands, actions, methods, *_ = [
        line for line in text.splitlines() if line.startswith("| ")
    ][1:]

    assert not {*INLINE.findall(commands)} & {*get_commands()}
    assert "Sync to AWS" in actions
    assert not admin.site.get_model_admin(ApiGateway).actions
    assert not [
        name
        for name in INLINE.findall(methods)
        if hasattr(ApiGateway, name) and name != "ApiGateway"
    ]


@pytest.mark.django_db
def test_saving_and_deleting_calls_nobody(monkeypatch, transport: MemoryTransport):
    import botocore.client

    def refuse(*call, **arguments):
        raise AssertionError("AWS is called")

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", refuse)
    gateway = ApiGateway.objects.create(
        api_name="mine", api_id="mine1", deployment_id="one", api_created=True
    )
    route = ApiGatewayAdditionalRoute.objects.create(
        api_gateway=gateway, name="Chat", route_key="chat", deployed=True
    )
    for row in (route, gateway):
        row.save()
        row.delete()

    assert transport.posts == transport.hung_up == []
