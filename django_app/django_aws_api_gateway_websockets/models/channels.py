from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Permission
from django.db import models, router

from .compiled import CompiledSelect, Parameter
from .exact_text import ExactCharField

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser


class ChannelAccess(models.TextChoices):
    """Who may be in a channel."""

    ALLOW_ALL = "allow_all", "Everybody"
    SUPERUSER_ONLY = "superuser_only", "Superusers"
    STAFF_ONLY = "staff_only", "Staff"
    PERMISSIONS = "permissions", "Whoever satisfies one of the rules"


OF_CHANNEL = CompiledSelect["ChannelPermission"](
    lambda permissions: permissions.filter(
        channel_name=Parameter("channel_name", models.CharField())
    )
)


class ChannelPermission(models.Model):
    """The rule of one channel. A channel without one is unlisted."""

    channel_name = ExactCharField(max_length=255, unique=True)
    access = models.CharField(
        max_length=16, choices=ChannelAccess.choices, default=ChannelAccess.ALLOW_ALL
    )
    description = models.CharField(max_length=255, blank=True, default="")
    created_on = models.DateTimeField(auto_now_add=True)
    updated_on = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "channel permission"

    def __str__(self) -> str:
        return f"{self.channel_name}: {self.get_access_display()}"

    @classmethod
    def for_channel(cls, channel_name: str) -> "ChannelPermission | None":
        using = router.db_for_read(cls)
        return OF_CHANNEL.first(cls, using, channel_name=channel_name)

    def allows(self, user: "AbstractUser | AnonymousUser") -> bool:
        """May this user, who may be anonymous, be in the channel?"""
        match self.access:
            case ChannelAccess.ALLOW_ALL:
                return True
            case ChannelAccess.SUPERUSER_ONLY:
                return user.is_active and user.is_superuser
            case ChannelAccess.STAFF_ONLY:
                return user.is_active and user.is_staff
            case ChannelAccess.PERMISSIONS:
                return any(user.has_perms(rule) for rule in self.permissions_by_rule())
        return False

    def permissions_by_rule(self) -> list[list[str]]:
        """The permissions of each rule that names some."""
        rules = named_permissions(channelpermissionrule__channel_permission=self)
        return list(rules.values())


class ChannelPermissionRule(models.Model):
    """Permissions that are needed together. A rule without any is satisfied by nobody."""

    channel_permission = models.ForeignKey(
        ChannelPermission, on_delete=models.CASCADE, related_name="rules"
    )
    permissions = models.ManyToManyField(
        Permission, blank=True, related_name="channel_permission_rules"
    )

    class Meta:
        verbose_name = "channel permission rule"

    def __str__(self) -> str:
        return f"Rule {self.pk} of {self.channel_permission.channel_name}"

    def is_satisfied_by(self, user: "AbstractUser | AnonymousUser") -> bool:
        needed = named_permissions(channelpermissionrule=self).get(self.pk, [])
        return bool(needed) and user.has_perms(needed)


def named_permissions(**condition: Any) -> dict[int, list[str]]:
    """By rule; in one statement where permissions are in the database of the rules."""
    rows = ChannelPermissionRule.permissions.through._default_manager.filter(
        **condition
    )
    database = router.db_for_read(Permission)
    read = read_joined if rows.db == database else partial(read_from, database)
    rules = defaultdict(list)
    for rule, app_label, codename in read(rows):
        rules[rule].append(f"{app_label}.{codename}")
    return rules


def read_joined(rows: Any) -> Iterable[tuple[int, str, str]]:
    named: Iterable[tuple[int, str, str]] = rows.values_list(
        "channelpermissionrule_id",
        "permission__content_type__app_label",
        "permission__codename",
    )
    return named


def read_from(database: str, rows: Any) -> Iterator[tuple[int, str, str]]:
    pairs = list(rows.values_list("channelpermissionrule_id", "permission_id"))
    permissions = Permission.objects.using(database).select_related("content_type")
    found = permissions.in_bulk({pk for _, pk in pairs})
    for rule, pk in pairs:
        if pk in found:
            yield rule, found[pk].content_type.app_label, found[pk].codename
        else:  # deleted there: no constraint takes it out of the rule, and nobody has it
            yield rule, "deleted", f"permission_{pk}"
