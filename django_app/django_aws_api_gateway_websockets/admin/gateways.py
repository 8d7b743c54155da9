from django.contrib import admin

from django_aws_api_gateway_websockets.models import ApiGateway

from .read_only import ModelAdmin


@admin.register(ApiGateway)
class ApiGatewayAdmin(ModelAdmin):
    list_display = ("api_name", "api_id", "stage_name", "callback_url", "updated_on")
    search_fields = ("api_name", "api_id")
    fields = (
        "api_name",
        "api_description",
        "default_channel_name",
        "api_id",
        "stage_name",
        "api_endpoint",
        "callback_url",
        "created_on",
        "updated_on",
    )
    readonly_fields = ("created_on", "updated_on")
