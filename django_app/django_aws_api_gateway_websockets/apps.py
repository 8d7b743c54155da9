from django.apps import AppConfig, apps
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.signals import request_started
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete


class WebSocketsConfig(AppConfig):
    name = "django_aws_api_gateway_websockets"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "WebSockets on API Gateway"

    def ready(self) -> None:
        from . import checks  # noqa: F401 - which registers them

        self.hear_of_gateways_and_requests()
        self.hear_of_logins()

    def hear_of_gateways_and_requests(self) -> None:
        from . import receivers

        gateway = self.get_model("ApiGateway")
        post_migrate.connect(receivers.record_deployed_gateway, sender=self)
        post_save.connect(receivers.forget_known_gateways, sender=gateway)
        post_delete.connect(receivers.forget_known_gateways, sender=gateway)
        pre_delete.connect(receivers.end_sessions_of_gateway, sender=gateway)
        request_started.connect(receivers.hide_tokens_of_request)

    def hear_of_logins(self) -> None:
        from . import login_receivers

        user_logged_in.connect(login_receivers.keep_login_key)
        user_logged_out.connect(login_receivers.end_login)
        # Proxies and children of the user's model send signals of their own. To hear of
        # every model would take Django's fast deletes from all of them.
        for model in apps.get_models():
            if issubclass(model, get_user_model()):
                post_save.connect(
                    login_receivers.end_logins_of_changed_user, sender=model
                )
                pre_delete.connect(
                    login_receivers.end_logins_of_deleted_user, sender=model
                )
