from django.urls import path, re_path

from .views import ChatPage, ChatView

app_name = "demo"
urlpatterns = [
    path("", ChatPage.as_view(), name="chat"),
    # All of /ws/ is the gateway's, whatever a stranger makes up behind it.
    re_path(r"^ws/(?P<route>.*)$", ChatView.as_view(), name="websocket"),
]
