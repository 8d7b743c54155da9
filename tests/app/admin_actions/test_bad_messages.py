"""A message that cannot be sent is refused with what is wrong."""

import json

import pytest

from .actions import entries, lines, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("", "This field is required"),
        ("{", "line 1 column 2"),
        ("[1]", "A message is a JSON object"),
        ('"text"', "A message is a JSON object"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
        ('{"a": 1e999}', "not JSON compliant"),
        ('{"a": ' + "9" * 5_000 + "}", "This is not JSON"),
        ('{"a":' * 100_000, "nested too deep"),
        ('{"a": "\0"}', "Null characters are not allowed"),
        (json.dumps({"a": "x" * 131_072}), "more than 131072"),
    ],
)
def test_are_refused_with_what_is_wrong(staff, sessions, transport, message, said):
    answer = send(staff, sessions, message)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert f'name="_selected_action" value="{sessions[0].pk}"' in page
    assert transport.posts == []
    assert entries() == []


def test_half_a_surrogate_is_no_error(staff, sessions, transport):
    assert lines(send(staff, sessions[:1], '{"a": "\\ud800"}')) == {"sent": 1}
