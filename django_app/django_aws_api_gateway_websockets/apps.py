from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate


class WebSocketsConfig(AppConfig):
    name = "django_aws_api_gateway_websockets"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "WebSockets on API Gateway"

    def ready(self) -> None:
        from .checks import check_allowed_origins, check_gateway_secret
        from .receivers import record_deployed_gateway

        register(check_allowed_origins)
        register(check_gateway_secret)
        post_migrate.connect(record_deployed_gateway, sender=self)
