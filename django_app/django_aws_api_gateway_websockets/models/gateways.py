from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from django.db import models

from .exact_text import ExactCharField


class ProvisioningStatus(models.TextChoices):
    PENDING = "pending"
    CREATING = "creating"
    API_CREATED = "api_created"
    ROUTES_CREATED = "routes_created"
    DEPLOYED = "deployed"
    DOMAIN_CREATED = "domain_created"
    MAPPED = "mapped"


class ApiGateway(models.Model):
    """A WebSocket API: who may call us, and where its clients are reached."""

    api_name = models.CharField(max_length=255, unique=True)
    api_description = models.CharField(max_length=1024, blank=True, default="")
    default_channel_name = ExactCharField(max_length=255, default="default")
    domain_name = models.CharField(max_length=255, blank=True, default="")
    target_base_endpoint = models.URLField(  # noqa: DJ001 - as in adopted databases
        max_length=1000, null=True, blank=True
    )
    certificate_arn = models.CharField(max_length=2048, blank=True, default="")
    hosted_zone_id = models.CharField(max_length=64, blank=True, default="")
    api_key_selection_expression = models.CharField(
        max_length=255, blank=True, default="$request.header.x-api-key"
    )
    route_selection_expression = models.CharField(
        max_length=255, default="$request.body.action"
    )
    route_key = models.CharField(max_length=255, default="$default")
    stage_name = models.CharField(max_length=128, default="production")
    stage_description = models.CharField(max_length=1024, blank=True, default="")
    deployment_id = models.CharField(max_length=64, blank=True, default="")
    tags = models.JSONField(blank=True, default=dict)
    api_id = ExactCharField(max_length=64, blank=True, default="")
    api_endpoint = models.CharField(max_length=255, blank=True, default="")
    api_gateway_domain_name = models.CharField(max_length=255, blank=True, default="")
    api_mapping_id = models.CharField(max_length=128, blank=True, default="")
    api_created = models.BooleanField(default=False)
    custom_domain_created = models.BooleanField(default=False)
    provisioning_status = models.CharField(
        max_length=16,
        choices=ProvisioningStatus.choices,
        default=ProvisioningStatus.PENDING,
    )
    last_error = models.CharField(max_length=2000, blank=True, default="")
    created_on = models.DateTimeField(auto_now_add=True)
    updated_on = models.DateTimeField(auto_now=True)
    callback_url = models.CharField(  # noqa: DJ001 - null is 'derive it'
        max_length=1000,
        null=True,
        blank=True,
        help_text="Where messages to clients are posted, with the stage. "
        "Empty: the API endpoint and the stage.",
    )

    class Meta:
        verbose_name = "API gateway"
        # An explicit name: it has had this one since it was made by another package.
        indexes = [
            models.Index(fields=["api_id"], name="django_aws__api_id_0da7ec_idx")
        ]

    def __str__(self) -> str:
        return self.api_name

    @property
    def management_endpoint(self) -> str:
        """The base of the Management API; ValueError where there is none."""
        address = self.callback_url or self.derived_callback_url
        if not address:
            raise ValueError(
                f"Gateway '{self}' has no address for messages to its clients: "
                "set callback_url, or api_endpoint and stage_name"
            )
        if not is_https_or_loopback(address):
            raise ValueError(
                f"Gateway '{self}' would get its messages at {address}: set a "
                "callback_url with https:// (http:// is for loopback addresses)"
            )
        return address.rstrip("/")

    @property
    def derived_callback_url(self) -> str:
        endpoint = parts_of(self.api_endpoint)
        if not endpoint.netloc or not self.stage_name:
            return ""
        path = endpoint.path.rstrip("/")
        if not path.endswith(f"/{self.stage_name}"):
            path += f"/{self.stage_name}"
        return f"https://{endpoint.netloc}{path}"

    @property
    def websocket_url(self) -> str:
        """What browsers open; empty where nothing here tells it."""
        own_domain = parts_of(self.domain_name)
        if own_domain.netloc and (self.custom_domain_created or not self.api_endpoint):
            return socket_address("wss", own_domain)
        # A stage has one address for browsers and for messages to them.
        address = parts_of(self.derived_callback_url or self.callback_url or "")
        if not address.netloc:
            return ""
        return socket_address("ws" if address.scheme == "http" else "wss", address)


def parts_of(address: str) -> SplitResult:
    """Also of one without a scheme; all are empty in what is no address."""
    absolute = "://" in address or address.startswith("//")
    try:
        return urlsplit(address if absolute else f"//{address}")
    except ValueError:
        return urlsplit("")


def socket_address(scheme: str, url: SplitResult) -> str:
    path = url.path.rstrip("/")  # the gateway knows none at the end
    return urlunsplit((scheme, url.netloc, path, url.query, ""))


@lru_cache(maxsize=128)
def is_https_or_loopback(address: str) -> bool:
    url = urlsplit(address)
    if not url.hostname:
        return False
    return url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname))


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
