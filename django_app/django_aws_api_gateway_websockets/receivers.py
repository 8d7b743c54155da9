from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import router

from .conf import conf

APP_LABEL = "django_aws_api_gateway_websockets"


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
