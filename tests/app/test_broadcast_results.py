"""What `send_message` of many returns."""

import copy
import json
import pickle

import pytest

from django_aws_api_gateway_websockets.messaging import broadcast
from django_aws_api_gateway_websockets.messaging.contract import (
    Delivery,
    Outcome,
    Recipient,
)
from django_aws_api_gateway_websockets.models import BroadcastResult

HTTP_200 = {"ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0}}


def result_of(*deliveries):
    result = BroadcastResult()
    for number, delivery in enumerate(deliveries):
        result.add(Recipient(number, f"{number}=", "https://socket.example"), delivery)
    return result


@pytest.fixture
def result():
    return result_of(
        Delivery(Outcome.SENT),
        Delivery(Outcome.GONE, "HTTP 410"),
        Delivery(Outcome.FAILED, "HTTP 403"),
        Delivery(Outcome.SENT),
        Delivery(Outcome.THROTTLED, "HTTP 429"),
        Delivery(Outcome.CONNECTING, "HTTP 410"),
        Delivery(Outcome.FAILED, "HTTP 403"),
        Delivery(Outcome.FAILED, "the session has no gateway"),
    )


def test_it_is_the_list_of_responses_to_what_was_sent(result):
    assert result == [HTTP_200, HTTP_200]
    assert [each["ResponseMetadata"]["HTTPStatusCode"] for each in result] == [200] * 2


CHANGES = {
    "update": lambda entry: entry.update(a=1),
    "setdefault": lambda entry: entry.setdefault("a", 1),
    "[]=": lambda entry: entry.__setitem__("a", 1),
    "|=": lambda entry: entry.__ior__({"a": 1}),
    "del": lambda entry: entry.__delitem__(next(iter(entry))),
    "pop": lambda entry: entry.pop(next(iter(entry))),
    "popitem": lambda entry: entry.popitem(),
    "clear": lambda entry: entry.clear(),
}
COPIES = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda entry: pickle.loads(pickle.dumps(entry)),
    "json": lambda entry: json.loads(json.dumps(entry)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_nobody_changes_the_responses_of_others(result, change):
    for entry in (result[0], result[0]["ResponseMetadata"]):
        with pytest.raises(TypeError, match="copy"):
            change(entry)

    assert result_of(Delivery(Outcome.SENT)) == [HTTP_200]


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_a_copy_of_a_response_is_ones_own(result, copied):
    own = copied(result[0])
    own["ResponseMetadata"]["RequestId"] = "mine"

    assert own["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert result == [HTTP_200, HTTP_200]


RESULT_COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda result: pickle.loads(pickle.dumps(result)),
}


@pytest.mark.parametrize("copied", RESULT_COPIES.values(), ids=RESULT_COPIES)
def test_in_a_copy_of_the_result_each_response_is_its_own(result, copied):
    own = copied(result)
    assert own == result == [HTTP_200, HTTP_200]

    own[0]["id"] = 1
    own[1]["ResponseMetadata"]["RequestId"] = "mine"

    assert own[0] == {**HTTP_200, "id": 1}
    assert list(own[1]) == ["ResponseMetadata"]
    assert result == [HTTP_200, HTTP_200]
    assert (type(own), str(own)) == (BroadcastResult, str(result))
    assert own.failures == result.failures


def test_it_is_false_where_nobody_got_anything():
    assert not result_of(Delivery(Outcome.GONE))
    assert result_of(Delivery(Outcome.SENT))


def test_it_counts_each_outcome(result):
    assert result.sent == 2
    assert result.gone == result.connecting == result.throttled == 1
    assert result.failed == 3
    assert sum(result.counts.values()) == 8


def test_it_counts_the_reasons_of_those_who_may_be_there(result):
    assert result.reasons == {
        "HTTP 403": 2,
        "HTTP 429": 1,
        "the session has no gateway": 1,
    }


def test_different_reasons_are_counted_up_to_some_and_then_together(monkeypatch):
    monkeypatch.setattr(broadcast, "MOST_REASONS", 2)

    result = result_of(
        *(Delivery(Outcome.FAILED, reason) for reason in ["a", "b", "c", "d", "a", "c"])
    )

    assert result.reasons == {"a": 2, "b": 1, "other reasons": 3}
    assert result.failed == 6


def test_it_lists_who_failed_and_why(result):
    assert dict(result.failures) == {
        "2=": "HTTP 403",
        "4=": "HTTP 429",
        "6=": "HTTP 403",
        "7=": "the session has no gateway",
    }
    connection_id, reason = result.failures[0]
    assert (connection_id, reason) == ("4=", "HTTP 429")


@pytest.mark.parametrize(
    ("outcome", "connection_ids"),
    [
        (Outcome.SENT, ["0=", "3="]),
        (Outcome.GONE, ["1="]),
        (Outcome.CONNECTING, ["5="]),
        (Outcome.THROTTLED, ["4="]),
        (Outcome.FAILED, ["2=", "6=", "7="]),
    ],
)
def test_it_lists_the_connections_of_an_outcome(result, outcome, connection_ids):
    assert result.connection_ids(outcome) == connection_ids


def test_it_says_all_of_it_in_a_line(result):
    assert str(result) == "2 sent, 1 gone, 1 connecting, 1 throttled, 3 failed"
    assert str(BroadcastResult(queued=7)) == (
        "0 sent, 0 gone, 0 connecting, 0 throttled, 0 failed, 7 queued"
    )


def test_asking_for_what_there_is_none_of_changes_nothing():
    result = result_of()

    assert (result.sent, result.failures) == (0, [])
    assert result.connection_ids(Outcome.GONE) == []
    assert result == []


def test_counts_are_exact_though_lists_are_cut(monkeypatch):
    monkeypatch.setattr(broadcast, "MOST_LISTED", 3)

    result = result_of(
        *[Delivery(Outcome.SENT)] * 5, *[Delivery(Outcome.FAILED, "HTTP 403")] * 4
    )

    assert (result.sent, result.failed, len(result)) == (5, 4, 5)
    assert result.reasons == {"HTTP 403": 4}
    assert result.connection_ids(Outcome.SENT) == ["0=", "1=", "2="]
    assert [failure.connection_id for failure in result.failures] == ["5=", "6=", "7="]
