"""docs/reference/settings.md has each setting, with its default."""

import inspect
import re
from ast import literal_eval

from django_aws_api_gateway_websockets import checks
from django_aws_api_gateway_websockets import conf as module
from django_aws_api_gateway_websockets.checks import check_gateway_secret
from django_aws_api_gateway_websockets.conf import Conf, conf
from tests.docs.pages import blocks, code, table

PAGE = "docs/reference/settings.md"
APP = "django_aws_api_gateway_websockets"


def test_each_key_is_there_with_its_default(settings):
    del settings.WEBSOCKETS
    read = re.findall(
        r'(?:websockets\.get|self\.number)\(\s*"(\w+)"', inspect.getsource(module)
    )

    listed = {row[0]: literal_eval(row[1]) for row in table(PAGE, "key")}
    assert listed == {key: getattr(conf, key) for key in read}


def test_each_property_is_a_key_or_explained():
    properties = {
        name for name, value in vars(Conf).items() if isinstance(value, property)
    }

    keys = {row[0] for row in table(PAGE, "key")}
    assert keys == properties - {"access_key", "iam_profile", "region", "websockets"}


def test_each_check_is_there_and_says_if_it_needs_deploy():
    source = inspect.getsource(checks)
    of_deploy = re.findall(rf"deploy=True.*?{APP}\.(\w+)", source, re.DOTALL)
    said = re.findall(rf'"{APP}\.(\w+)"', source)

    listed = {row[0]: row[1] for row in table(PAGE, "check")}
    assert sorted(listed) == sorted(said)
    assert sorted(filter(listed.get, listed)) == sorted(of_deploy)


def test_each_name_of_the_region_is_there_in_its_order():
    read = re.findall(r'"(AWS_\w+)"', inspect.getsource(Conf.region.fget))

    assert [row[0] for row in table(PAGE, "name")] == read


def test_each_name_of_the_credentials_is_there():
    source = "".join(
        inspect.getsource(part.fget) for part in (Conf.access_key, Conf.iam_profile)
    )

    assert set(re.findall(r'"(AWS_\w+)"', source)) <= set(code(PAGE))


def test_the_example_is_understood(settings, monkeypatch):
    (example,) = [block.text for block in blocks(PAGE)]
    monkeypatch.setenv("GATEWAY_SECRET", "s" * 32)
    names = {"__name__": "example"}

    exec(example, names)

    settings.WEBSOCKETS = names["WEBSOCKETS"]
    assert check_gateway_secret() == []
    for key, value in names["WEBSOCKETS"].items():
        assert getattr(conf, key) in (value, (value,))
