"""What staff can do to the sessions that they have selected, however many."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse

from django_aws_api_gateway_websockets.exceptions import (
    BroadcastNotQueued,
    WebSocketError,
)
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import (
    Broadcast,
    BroadcastResult,
    ClosedReason,
    Deferred,
)
from django_aws_api_gateway_websockets.models.hanging_up import HungUp
from django_aws_api_gateway_websockets.models.sending import in_a_line
from django_aws_api_gateway_websockets.models.session_queryset import (
    WebSocketSessionQuerySet,
)

from .audit import Audit, shortened
from .forms import HangUpForm, MessageForm
from .large_tables import ModelAdmin, count_some
from .read_only import UsersRowAdmin
from .selection import Selection

MOST_FAILURES = 100  # that are listed one by one

# Beside the outcomes of calls.
QUEUED, NOT_OPEN = "queued", "not open"

MEANINGS = {
    QUEUED: "a queue delivers it, a part at a time",
    Outcome.SENT.value: "the gateway has taken the message",
    Outcome.GONE.value: "the client had left; the session is closed now",
    Outcome.CONNECTING.value: "its handshake is not through yet, so it did not get it",
    Outcome.THROTTLED.value: "the gateway had no room for it, also when asked again",
    Outcome.FAILED.value: "something else went wrong",
    NOT_OPEN: "the session was closed already",
}

TITLES = {
    "send": "Send a message",
    "sent": "What came of the message",
    "hang_up": "Hang up",
    "all_history": "History of the sessions",
}


class Line(NamedTuple):
    outcome: str
    sessions: int
    meaning: str


def lines_of(result: BroadcastResult, selection: Selection) -> Iterator[Line]:
    """The table of outcomes, without those that nobody had."""
    counts = Counter({outcome.value: n for outcome, n in result.counts.items()})
    counts[QUEUED] = result.queued
    if not selection.counted.has_more:
        counts[NOT_OPEN] = selection.counted.number - counts.total()
    for outcome, meaning in MEANINGS.items():
        if counts[outcome] > 0:
            yield Line(outcome, counts[outcome], meaning)


class SessionActions(UsersRowAdmin):
    actions = ("send_to_selected", "hang_up_selected")

    def has_reach_permission(self, request: HttpRequest) -> bool:
        """May this user send to clients and hang up on them? Rows stay read-only."""
        return ModelAdmin.has_change_permission(self, request)

    @admin.action(
        description="Send a message to the selected sessions", permissions=["reach"]
    )
    def send_to_selected(
        self, request: HttpRequest, queryset: WebSocketSessionQuerySet
    ) -> HttpResponse:
        selection = Selection.of(queryset)
        form = MessageForm(request.POST if "message" in request.POST else None)
        if not form.is_valid():
            return self.ask(request, selection, form, "send")
        message = form.cleaned_data["message"]
        what = f"Message {shortened(message)} to {selection}"
        audit = Audit.begin(request.user, selection, what)
        try:
            result = selection.rows.send_message(message)
        except WebSocketError as error:
            audit.finish(f"failed: {error}")
            return self.tell(request, selection, error=error)
        audit.finish(in_words(result, selection))
        return self.tell(request, selection, result=result)

    @admin.action(description="Hang up on the selected sessions", permissions=["reach"])
    def hang_up_selected(
        self, request: HttpRequest, queryset: WebSocketSessionQuerySet
    ) -> HttpResponse:
        selection = Selection.of(queryset)
        form = HangUpForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return self.ask(request, selection, form, "hang_up")
        reconnect = form.cleaned_data["reconnect"]
        clients = "clients may connect again" if reconnect else "clients stay away"
        what = f"Hang up on {selection} ({clients})"
        audit = Audit.begin(request.user, selection, what)
        result = selection.rows.hang_up(ClosedReason.STAFF, reconnect=reconnect)
        words = words_of(result)
        audit.finish(words)
        is_done = result.closed and not (result.failures or result.is_deferred)
        level = messages.SUCCESS if is_done else messages.WARNING
        self.message_user(request, words, level)
        return HttpResponseRedirect(request.get_full_path())

    def ask(
        self, request: HttpRequest, selection: Selection, form: Any, name: str
    ) -> HttpResponse:
        """The page between the list and what is done; it posts the selection again."""
        context = {
            "form": form,
            "adminform": helpers.AdminForm(
                form, [(None, {"fields": [*form.fields]})], {}
            ),
            "selection": selection,
            "open": count_some(selection.rows.filter(connected=True)),
            "action": request.POST.getlist("action")[0],
            "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across") == "1",
        }
        return self.page(request, name, context)

    def tell(
        self,
        request: HttpRequest,
        selection: Selection,
        *,
        result: BroadcastResult | Deferred | None = None,
        error: WebSocketError | None = None,
    ) -> HttpResponse:
        context: dict[str, Any] = {"selection": selection, "error": error}
        broadcast = error.broadcast if isinstance(error, BroadcastNotQueued) else None
        if isinstance(result, BroadcastResult):
            broadcast = result.broadcast
            failures = result.failures
            context |= {
                "lines": list(lines_of(result, selection)),
                "failures": failures[:MOST_FAILURES],
                "most_failures": MOST_FAILURES,
                "more_failures": len(failures) > MOST_FAILURES,
            }
        if broadcast is not None:
            context["broadcast"] = self.address(Broadcast, "change", broadcast)
        return self.page(request, "sent", context)

    def page(
        self, request: HttpRequest, name: str, context: dict[str, Any]
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            f"admin/{self.opts.app_label}/{self.opts.model_name}/{name}.html",
            {
                **self.admin_site.each_context(request),
                "title": TITLES[name],
                "original": TITLES[name],  # the end of the breadcrumbs
                "has_view_permission": self.has_view_permission(request),
                "opts": self.opts,
                **context,
            },
        )


def in_words(result: BroadcastResult | Deferred, selection: Selection) -> str:
    if isinstance(result, Deferred):
        return "goes out with the transaction that it was sent in"
    counts = [
        f"{line.sessions:,} {line.outcome}" for line in lines_of(result, selection)
    ]
    reasons = [f"{n} x {reason}" for reason, n in result.reasons.most_common(5)]
    if result.broadcast is not None:
        counts.append(f"broadcast {result.broadcast}")
    return "; ".join([", ".join(counts) or "nobody was there", *reasons])


def words_of(result: HungUp) -> str:
    """For the page and the history alike."""
    if not result.closed:
        return "All of them were closed already."
    were = f"{result.closed:,} session{pluralize(result.closed, ' was,s were')} closed"
    if result.is_deferred:
        return f"{were}; clients are hung up on when the transaction commits."
    if not result.failures:
        return f"{were} and hung up on."
    left = f"{result.failures.total():,} could not be hung up on"
    return in_a_line(f"{were}; {left}", result.failures)
