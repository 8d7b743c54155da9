from django.urls import path

from .views import ChatPage, ChatView

app_name = "demo"
urlpatterns = [
    path("", ChatPage.as_view(), name="chat"),
    path("ws/<slug:route>", ChatView.as_view(), name="websocket"),
]
