"""What `manage.py check` says about the URLs that lead to views."""

import pytest
from django.core.checks import run_checks
from django.urls import include, path, re_path

from tests.app.echo import PublicView

pytestmark = pytest.mark.django_db  # which checks of Django 6.1 ask

VIEW = PublicView.as_view()


@pytest.fixture
def reported(settings):
    def reported(*patterns):
        settings.ROOT_URLCONF = patterns
        return [
            (message.id.rpartition(".")[2], message.msg.split("'")[1])
            for message in run_checks()
            if message.obj is PublicView
        ]

    return reported


@pytest.mark.parametrize(
    "url",
    [
        path("ws/<slug:route>", VIEW),
        path("ws/<route>", VIEW),
        re_path(r"^ws/(?P<route>\w+)/?$", VIEW),
        path("ws/connect", VIEW, {"route": "connect"}),
        path("ws/<slug:route>", include([path("", VIEW)])),
        path("ws/", include([path("connect", VIEW)]), {"route": "connect"}),
        path("a/", include([path("b/", include([path("<slug:route>", VIEW)]))])),
    ],
    ids=str,
)
def test_a_url_with_its_route_is_fine(reported, url):
    assert reported(url) == []


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (path("ws", VIEW), "ws"),
        (path("ws/<slug:name>", VIEW), "ws/<slug:name>"),
        (re_path(r"^ws/(\w+)$", VIEW), r"^ws/(\\w+)$"),
        (path("a/", include([path("b/ws", VIEW)])), "a/b/ws"),
    ],
    ids=str,
)
def test_a_url_without_a_route_is_an_error(reported, url, text):
    assert reported(url) == [("E004", text)]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (path("ws/<slug:route>/", VIEW), "ws/<slug:route>/"),
        (re_path(r"^(?P<route>\w+)/$", VIEW), r"^(?P<route>\\w+)/$"),
        (re_path(r"^(?P<route>\w+)/\Z", VIEW), r"^(?P<route>\\w+)/\\Z"),
        (path("<route>/", include([path("", VIEW)])), "<route>/"),
    ],
    ids=str,
)
def test_a_url_that_ends_in_a_slash_is_no_url_of_the_gateway(reported, url, text):
    assert reported(url) == [("W010", text)]


def test_each_url_of_a_view_is_looked_at(reported):
    urls = path("ws/<slug:route>", VIEW), path("a", VIEW), path("b/", VIEW)

    assert sorted(reported(*urls)) == [("E004", "a"), ("E004", "b/"), ("W010", "b/")]
