import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist
from django.db import models, router
from django.db.models import Exists
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.keyed_hashes import keyed_hash, keyed_hashes
from django_aws_api_gateway_websockets.token_in_url import TokenValue
from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

from .ages import moment_before
from .batches import delete_in_batches
from .cascades import cascade_of_many
from .closed_reasons import ClosedReason
from .compiled import CompiledSelect, CompiledUpdate, Parameter
from .databases import WritingQuerySet, read_user, with_user
from .exact_text import ExactCharField
from .sessions import WebSocketSession, auth_hash_of, is_auth_hash_of

# Django's class is generic for type checkers only.
if TYPE_CHECKING:
    CharField = models.CharField[Any, Any]
else:
    CharField = models.CharField

LONGEST_CONNECT = timedelta(seconds=29)  # then the gateway waits no longer
KEPT_FOR = 300  # seconds: a `$connect` that is repeated finds it used by itself
TOKEN = re.compile(r"[0-9a-f]{64}")


class TokenHashField(CharField):
    """Stores the hash of a value, and looks for hashes."""

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, TokenValue):
            return keyed_hash(value)
        return super().get_prep_value(value)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


def consuming(tokens: models.QuerySet[Any]) -> tuple[models.QuerySet[Any], Any]:
    connection_id = Parameter("connection_id", models.CharField())
    sessions = WebSocketSession.objects.using(tokens.db)
    taken = sessions.filter(connection_id=connection_id)
    key = Parameter("pk", models.BigIntegerField())
    unused = tokens.filter(~Exists(taken), pk=key, used=False)
    return unused, {"used": True, "connection_id": connection_id}


CONSUME = CompiledUpdate(consuming)
BY_HASH = CompiledSelect["WebSocketToken"](
    lambda tokens: with_user(
        tokens.filter(token=Parameter("token", models.CharField()))
    )
)


class WebSocketTokenQuerySet(WritingQuerySet["WebSocketToken"]):
    def find(
        self, value: str | None, *, max_age_seconds: int
    ) -> "WebSocketToken | None":
        """The token that is not too old and whose user may log in, used or not."""
        if not value or not TOKEN.fullmatch(value):
            return None
        found = (
            BY_HASH.first(self.model, self.write_alias, token=each)
            for each in keyed_hashes(value)
        )
        token = read_user(next(filter(None, found), None))
        if token is None or token.is_older_than(max_age_seconds):
            return None
        return token if token.login_holds else None

    def expired(self, *, max_age_seconds: float = KEPT_FOR) -> Self:
        """Those older than this; never one that still opens a connection."""
        long_ago = moment_before(
            "max_age_seconds", max_age_seconds, timedelta(seconds=1)
        )
        oldest = timezone.now() - timedelta(seconds=conf.token_expiry_seconds)
        return self.for_write().filter(created_at__lt=min(long_ago, oldest))

    def revoke(self, reason: ClosedReason) -> None:
        """Make these open no connection any more, nor the one that they are opening."""
        oldest = timezone.now() - timedelta(seconds=conf.token_expiry_seconds)
        recent = self.for_write().filter(created_at__gt=oldest - LONGEST_CONNECT)
        if not recent.exists():
            return
        unused = recent.filter(used=False)
        repeat_on_conflict(lambda: unused.update(used=True), using=unused.db)
        # Whoever has used one already may be about to make its session: there it finds
        # a closed one.
        used = recent.exclude(connection_id="")
        WebSocketSession.objects.using(self.write_alias).leave_closed(
            used.values_list("connection_id", flat=True), reason
        )


class WebSocketToken(models.Model):
    """Opens one connection, soon, as one user. What is stored is a hash of it."""

    token = TokenHashField(max_length=64, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=cascade_of_many,
        related_name="websocket_tokens",
    )
    session_key = models.CharField(max_length=64, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    used = models.BooleanField(default=False)
    connection_id = ExactCharField(
        max_length=255, blank=True, default="", db_default=""
    )
    auth_hash = models.CharField(max_length=128, blank=True, default="", db_default="")

    objects = WebSocketTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "WebSocket token"
        indexes = [
            models.Index(fields=["token", "used"], name="idx_websocket_tokens_used")
        ]

    def __str__(self) -> str:
        return f"Token {self.pk}"

    @classmethod
    def generate_token(cls, user: Any, session_key: str | None) -> "WebSocketToken":
        """Make a token for this user and this login; `.token` is what to hand out.

        The value is in memory only: who reads the row later finds its hash.
        """
        value = secrets.token_hex(32)
        token = repeat_on_conflict(
            lambda: cls.objects.create(
                token=keyed_hash(value),
                user_id=user.pk,
                session_key=keyed_hash(session_key) if session_key else "",
                auth_hash=auth_hash_of(user),
            ),
            using=router.db_for_write(cls),
        )
        # Now that those who hear of each row that is saved have heard of it.
        token.token = TokenValue(value)
        return token

    @classmethod
    def validate_and_consume(
        cls, token_value: str | None, session_key: str | None, max_age_seconds: int = 60
    ) -> AbstractBaseUser | None:
        """The user of a token that was still good, which it is not any more."""
        token = cls.objects.find(token_value, max_age_seconds=max_age_seconds)
        if token is None:
            return None
        if session_key is not None and not token.belongs_to({session_key}):
            return None
        return token.user if token.consume() else None

    @classmethod
    def cleanup_expired(cls, max_age_seconds: float = KEPT_FOR) -> int:
        """Delete those older than this that open nothing any more.

        ValueError for an age that is none.
        """
        return delete_in_batches(cls.objects.expired(max_age_seconds=max_age_seconds))

    @classmethod
    def check_rate_limit(cls, user: Any, max_tokens_per_minute: int = 10) -> bool:
        """Has this user had fewer tokens in the last minute?"""
        a_minute_ago = timezone.now() - timedelta(minutes=1)
        tokens = cls.objects.for_write().filter(user=user, created_at__gt=a_minute_ago)
        return tokens.count() < max_tokens_per_minute

    def is_older_than(self, seconds: int) -> bool:
        # Also one from the future: the clock was wrong then, or it is now.
        return abs(timezone.now() - self.created_at) > timedelta(seconds=seconds)

    @property
    def login_holds(self) -> bool:
        """Is its user active, and has the password that it was made under?"""
        try:
            user = self.user
        except ObjectDoesNotExist:  # deleted by hand, or in another database
            return False
        if not user.is_active:
            return False
        return not self.auth_hash or is_auth_hash_of(user, self.auth_hash)

    def belongs_to(self, login_keys: set[str]) -> bool:
        """Was it made for a login that had one of these keys?"""
        if not self.session_key:
            return True  # it was made for any
        hashes = [each for key in login_keys for each in keyed_hashes(key)]
        return any(constant_time_compare(self.session_key, each) for each in hashes)

    def consume(self, connection_id: str = "") -> bool:
        """Use it up; False if another one did, or if the connection exists already."""
        using = router.db_for_write(type(self), instance=self)
        values = {"pk": self.pk, "connection_id": connection_id}
        return CONSUME.execute(type(self), using, **values) > 0
