"""Large broadcasts in the admin and in the terminal."""

import signal
from io import StringIO

import pytest
from django.core.management import (
    CommandError,
    call_command,
    execute_from_command_line,
)
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_aws_api_gateway_websockets.models import Broadcast, BroadcastShard

APP = "/admin/django_aws_api_gateway_websockets/"
BROADCASTS = f"{APP}broadcast/"
SHARDS = f"{APP}broadcastshard/"

pytestmark = pytest.mark.django_db


def make_broadcast(*, data='{"type":"news"}', finished=2, shards=3):
    broadcast = Broadcast.objects.create(data=data, recipients=1_000 * shards)
    BroadcastShard.objects.bulk_create(
        BroadcastShard(
            broadcast=broadcast,
            number=number,
            sessions="[]" if number <= finished else "[1,2,3]",
            waiting=0 if number <= finished else 3,
            sent=990,
            gone=10 if number <= finished else 7,
            tries=1,
            last_reason="" if number <= finished else "HTTP 403 Forbidden",
            finished_on=timezone.now() if number <= finished else None,
        )
        for number in range(1, shards + 1)
    )
    return broadcast


def page_at(staff, url):
    answer = staff.get(url, secure=True)
    assert answer.status_code == 200
    return answer.content.decode()


def show(*arguments):
    output = StringIO()
    call_command("show_broadcasts", *arguments, stdout=output, stderr=output)
    return [line.split() for line in output.getvalue().splitlines()]


class TestAdmin:
    def test_lists_how_far_each_has_come(self, staff):
        broadcast = make_broadcast()

        page = page_at(staff, BROADCASTS)

        assert f"broadcast {broadcast.pk}" in page
        assert '<progress value="2970" max="3000"' in page
        assert "2,970 of 3,000 reached" in page
        assert "2970 sent, 27 gone, 0 connecting, 0 failed, 3 waiting" in page
        assert "2 of 3 finished" in page
        assert "news" not in page

    def test_does_not_look_like_success_where_nobody_was_reached(self, staff):
        broadcast = make_broadcast(finished=3)
        broadcast.shards.update(sent=0, gone=500, failed=500)

        page = page_at(staff, BROADCASTS)

        assert '<progress value="0" max="3000"' in page
        assert "0 of 3,000 reached" in page

    def test_asks_no_more_for_many_than_for_one(self, staff):
        def statements():
            with CaptureQueriesContext(connection) as queries:
                page_at(staff, BROADCASTS)
            return [query["sql"] for query in queries]

        make_broadcast()
        for_one = statements()
        for _ in range(20):
            make_broadcast()

        for_many = statements()

        assert len(for_many) == len(for_one)
        assert sum("broadcastshard" in sql for sql in for_many) == 1
        assert not any('broadcast"."data"' in sql for sql in for_many)

    def test_shows_the_message_and_no_more_than_its_begin(self, staff):
        short = make_broadcast(data='{"text":"<b>news</b>"}')
        long = make_broadcast(data='{"text":"%s"}' % ("x" * 3_000))

        page = page_at(staff, f"{BROADCASTS}{short.pk}/change/")
        assert "&lt;b&gt;news&lt;/b&gt;" in page
        assert "2970 sent" in page
        assert "How many were open" in page
        assert "None until" not in page

        page = page_at(staff, f"{BROADCASTS}{long.pk}/change/")
        assert "x" * 1_900 in page
        assert "x" * 2_000 not in page

    def test_leads_to_the_shards(self, staff):
        broadcast = make_broadcast()
        other = make_broadcast()

        link = f"{SHARDS}?broadcast={broadcast.pk}"
        assert link in page_at(staff, f"{BROADCASTS}{broadcast.pk}/change/")

        page = page_at(staff, link)
        assert f"shard 3 of broadcast {broadcast.pk}" in page
        assert f"of broadcast {other.pk}" not in page
        assert "HTTP 403 Forbidden" in page
        shard = broadcast.shards.get(number=3)
        assert "waiting" in page_at(staff, f"{SHARDS}{shard.pk}/change/").lower()

    def test_pages_the_shards(self, staff):
        broadcast = make_broadcast(shards=250)

        page = page_at(staff, f"{SHARDS}?broadcast={broadcast.pk}")

        assert page.count(f"of broadcast {broadcast.pk}</a>") == 100

    @pytest.mark.parametrize("model", ["broadcast", "broadcastshard"])
    def test_lets_nobody_write(self, staff, model):
        broadcast = make_broadcast()
        row = broadcast if model == "broadcast" else broadcast.shards.first()
        url = f"{APP}{model}/{row.pk}/"

        statuses = [
            staff.post(f"{APP}{model}/add/", {}, secure=True).status_code,
            staff.post(f"{url}change/", {"sent": "0"}, secure=True).status_code,
            staff.post(f"{url}delete/", {"post": "yes"}, secure=True).status_code,
        ]

        assert statuses == [403, 403, 403]
        assert "delete_selected" not in page_at(staff, f"{APP}{model}/")


class TestCommand:
    def test_lists_the_latest(self):
        for _ in range(25):
            broadcast = make_broadcast()

        lines = show()

        assert len(lines) == 21
        assert lines[1][0] == str(broadcast.pk)
        assert lines[1][-7:] == ["3000", "2970", "27", "0", "0", "3", "2/3"]

    def test_asks_twice_for_all(self):
        for _ in range(25):
            make_broadcast()

        with CaptureQueriesContext(connection) as queries:
            show()

        assert len(queries) == 2

    def test_says_which_were_not_written_to_their_end(self):
        Broadcast.objects.create(data="{}")

        assert show()[1][-7:] == ["unfinished", *"00000", "0/0"]

    def test_shows_the_shards_of_one(self):
        broadcast = make_broadcast()
        make_broadcast()

        lines = show(str(broadcast.pk))

        assert [line[0] for line in lines] == [
            "broadcast", str(broadcast.pk), "shard", "1", "2", "3",
        ]  # fmt: skip
        assert lines[4][-2:] == lines[3][-2:]  # the time, and no reason
        assert lines[5] == [
            "3", "990", "7", "0", "0", "3", "1", "0", "HTTP", "403", "Forbidden",
        ]  # fmt: skip

    def test_watches_until_it_is_finished(self, monkeypatch):
        broadcast = make_broadcast()

        def finish(seconds):
            assert seconds == 1
            broadcast.shards.update(waiting=0, gone=10, finished_on=timezone.now())

        monkeypatch.setattr("time.sleep", finish)
        lines = show("--watch")

        assert lines[0][:3] == ["3,000", "of", "3,000,"]
        assert lines[2][-7:] == ["3000", "2970", "30", "0", "0", "0", "3/3"]

    def test_shows_how_far_it_is_when_nobody_wants_to_watch_longer(
        self, monkeypatch, capsys
    ):
        make_broadcast()
        monkeypatch.setattr("time.sleep", lambda _: signal.raise_signal(signal.SIGINT))

        with pytest.raises(SystemExit) as ended:
            execute_from_command_line(["manage.py", "show_broadcasts", "--watch"])

        written = capsys.readouterr()
        assert ended.value.code == 130
        assert "2,997 of 3,000" in written.err
        assert "Interrupted. The queue goes on" in written.err
        assert len(written.out.splitlines()) == 6

    def test_ends_at_once_for_one_without_shards(self):
        Broadcast.objects.create(data="{}", recipients=0)

        assert show("--watch")[0] == ["0", "of", "0,", "0/s"]

    def test_does_not_watch_one_that_was_not_written_to_its_end(self):
        Broadcast.objects.create(data="{}")

        with pytest.raises(CommandError, match="has not been written to its end"):
            show("--watch")

    @pytest.mark.parametrize("arguments", [["7"], ["7", "--watch"]])
    def test_says_that_there_is_no_such_broadcast(self, arguments):
        with pytest.raises(CommandError, match="There is no broadcast 7: show_broad"):
            show(*arguments)

    def test_says_that_there_is_none_at_all(self):
        assert show() == [["There", "are", "no", "broadcasts."]]
        with pytest.raises(CommandError, match=r"There are no broadcasts\."):
            show("--watch")

    def test_takes_only_a_database_that_there_is(self):
        with pytest.raises(CommandError, match="invalid choice: 'elsewhere'"):
            show("--database", "elsewhere")
