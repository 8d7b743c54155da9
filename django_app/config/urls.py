from django.contrib import admin
from django.urls import include, path

from .healthz import healthz

urlpatterns = [
    path("", include("demo.urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
]
