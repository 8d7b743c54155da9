from django.db import models

from .exact_text import ExactCharField
from .gateways import ApiGateway


class ApiGatewayAdditionalRoute(models.Model):
    """A route beside the three that each gateway has."""

    api_gateway = models.ForeignKey(
        ApiGateway, on_delete=models.CASCADE, related_name="additional_routes"
    )
    name = models.CharField(max_length=63)
    route_key = ExactCharField(max_length=128, db_index=True)
    integration_url = models.URLField(
        max_length=1000, help_text="Where its events are posted."
    )
    deployed = models.BooleanField(default=False, editable=False)
    route_id = models.CharField(max_length=64, blank=True, default="", editable=False)
    integration_id = models.CharField(
        max_length=64, blank=True, default="", editable=False
    )
    created_on = models.DateTimeField(auto_now_add=True)
    updated_on = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "additional route"
        unique_together = [["api_gateway", "route_key"]]

    def __str__(self) -> str:
        return f"{self.route_key} of {self.api_gateway}"
