"""docs/reference/settings.md has each setting, with its default."""

import inspect
import re
from ast import literal_eval
from collections.abc import Iterator
from datetime import timedelta

from django.core.checks import run_checks
from django.core.checks.registry import registry

from django_aws_api_gateway_websockets.checks.view_attributes import ATTRIBUTES
from django_aws_api_gateway_websockets.conf import Conf, conf
from django_aws_api_gateway_websockets.models.broadcasts import BROADCASTS_ARE_KEPT_FOR
from django_aws_api_gateway_websockets.models.session_queryset import LONGEST_CONNECTION
from django_aws_api_gateway_websockets.models.tokens import KEPT_FOR
from tests.docs.pages import ROOT, blocks, code, table

PAGE = "docs/reference/settings.md"
APP = "django_aws_api_gateway_websockets"


def test_each_key_is_there_with_its_default(settings):
    del settings.WEBSOCKETS

    listed = {row[0]: literal_eval(row[1]) for row in table(PAGE, "key")}
    assert listed == {each.key: each.default for each in conf.all_settings()}


def own_checks() -> Iterator[tuple[str, bool]]:
    """Each id of a check, and if it needs `--deploy`."""
    for deploy, checks in (
        (False, registry.registered_checks),
        (True, registry.deployment_checks),
    ):
        for check in checks:
            if check.__module__.startswith(f"{APP}."):
                ids = re.findall(r"\.([EW]\d{3})\"", inspect.getsource(check))
                assert ids, f"{check.__name__} has no id"
                yield from ((each, deploy) for each in ids)


def test_each_check_is_there_and_says_if_it_needs_deploy():
    listed = {(row[0], row[1] == "--deploy") for row in table(PAGE, "check")}

    assert listed == set(own_checks())


def test_a_check_has_an_id_of_its_own():
    of_values = "E002"  # the one concern of three: that of WEBSOCKETS, and others
    ids = [each for each, _ in own_checks() if each != of_values]

    assert sorted(ids) == sorted(set(ids))


def test_each_attribute_of_a_view_is_looked_at_by_a_check():
    listed = {row[0] for row in table("docs/reference/views.md", "attribute")}

    assert listed == set(ATTRIBUTES)


def test_each_name_of_the_region_is_there_in_its_order():
    read = re.findall(r'"(AWS_\w+)"', inspect.getsource(Conf.region.fget))

    assert [row[0] for row in table(PAGE, "name")] == read


def test_each_name_of_the_credentials_is_there():
    source = "".join(
        inspect.getsource(part.fget) for part in (Conf.access_key, Conf.iam_profile)
    )

    assert set(re.findall(r'"(AWS_\w+)"', source)) <= set(code(PAGE))


def test_the_example_is_understood(settings, monkeypatch):
    monkeypatch.setenv("GATEWAY_SECRET", "s" * 32)
    names = {"__name__": "example"}

    for block in blocks(PAGE):
        exec(block.text, names)

    settings.WEBSOCKETS = names["WEBSOCKETS"]
    assert run_checks() == []
    for key, value in names["WEBSOCKETS"].items():
        assert getattr(conf, key) in (value, (value,))


def test_what_the_example_silences_is_a_check():
    *_, example = [block.text for block in blocks(PAGE)]

    silenced = re.findall(rf"{APP}\.(\w+)", example)
    assert silenced
    assert set(silenced) <= {each for each, _ in own_checks()}


def test_rows_are_kept_as_long_as_the_page_says(settings):
    del settings.WEBSOCKETS
    kept = {row[0]: row[1] for row in read_rows("rows")}

    assert kept["open sessions"].startswith("two hours")
    assert timedelta(hours=2) == LONGEST_CONNECTION
    for rows, key in (
        ("closed sessions", "closed_session_retention_days"),
        ("attempts", "attempt_retention_days"),
    ):
        assert kept[rows] == f"`{key}`: {getattr(conf, key)} days"
    assert kept["tokens"].startswith(f"{KEPT_FOR // 60} minutes")
    assert kept["large broadcasts"] == f"{BROADCASTS_ARE_KEPT_FOR.days} days"


def read_rows(first_heading: str) -> list[list[str]]:
    """Of the whole cells, where code is only a part of the text."""
    text = (ROOT / PAGE).read_text()
    found = re.search(rf"^\| {first_heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.M)
    return [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in found[1].splitlines()
    ]
