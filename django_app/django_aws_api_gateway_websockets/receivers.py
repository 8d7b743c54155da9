from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import router

from .conf import conf
from .models import ApiGateway, ClosedReason
from .models.known_gateways import known_gateways
from .token_in_url import hide_tokens

APP_LABEL = "django_aws_api_gateway_websockets"


def hide_tokens_of_request(
    environ: dict[str, Any] | None = None,
    scope: dict[str, Any] | None = None,
    **_signal: Any,
) -> None:
    """Before there is a request that a middleware, a log or a mail could show."""
    hide_tokens((scope if environ is None else environ) or {})


def forget_known_gateways(**_signal: Any) -> None:
    known_gateways.forget()


def end_sessions_of_gateway(instance: ApiGateway, **_signal: Any) -> None:
    """Before the gateway is deleted: afterwards nobody knows where its clients are."""
    instance.sessions.filter(connected=True).disconnect(ClosedReason.GATEWAY)


def record_deployed_gateway(
    using: str, apps: Apps = installed_apps, **_signal: Any
) -> None:
    """Make or correct the row of the gateway that this site is deployed with."""
    if not (conf.api_id and conf.callback_url):
        return
    if not router.allow_migrate(using, APP_LABEL, model_name="apigateway"):
        return
    try:
        gateway_model = apps.get_model(APP_LABEL, "ApiGateway")
    except LookupError:  # migrated to zero
        return
    if not hasattr(gateway_model, "callback_url"):  # migrated to an older state
        return
    known_gateways.forget()
    rows = gateway_model._default_manager.using(using)
    if rows.filter(api_id=conf.api_id).update(callback_url=conf.callback_url):
        return
    # Two deployments may migrate at once: the second one finds the row made.
    rows.bulk_create(
        [
            gateway_model(
                api_name=f"deployed-{conf.api_id}",
                api_id=conf.api_id,
                callback_url=conf.callback_url,
            )
        ],
        ignore_conflicts=True,
    )
