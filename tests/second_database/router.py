from django.conf import settings

APP = "django_aws_api_gateway_websockets"
OF_USERS = {"admin", "auth", "contenttypes", "sessions"}


class Router:
    """The app's tables are in one database, all others in the other one."""

    @property
    def labels(self):
        return {APP, *(OF_USERS if settings.USERS_DATABASE == "sockets" else ())}

    def db_for_read(self, model, **hints):
        return "sockets" if model._meta.app_label in self.labels else None

    db_for_write = db_for_read

    def allow_relation(self, one, other, **hints):
        labels = {one._meta.app_label, other._meta.app_label}
        return True if labels & self.labels else None

    def allow_migrate(self, db, app_label, **hints):
        return db == ("sockets" if app_label in self.labels else "default")
