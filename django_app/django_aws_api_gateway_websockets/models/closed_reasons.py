from django.db import models
from django.db.models import Q


class ClosedReason(models.TextChoices):
    """Why a session is closed. Only one that is `gone` can open again."""

    # The gateway reported the end of the connection.
    DISCONNECT = "disconnect"
    # A message found nobody: a hint, which the next message of the client refutes.
    GONE = "gone"
    # The user logged out, or the login it was opened under is not there any more.
    LOGOUT = "logout"
    # The user was deactivated or deleted.
    DEACTIVATED = "deactivated"
    # The user has another password.
    PASSWORD = "password"  # noqa: S105
    # Somebody closed it by hand.
    STAFF = "staff"
    # The gateway it was opened through was deleted.
    GATEWAY = "gateway"
    # It has sent more messages than it may, and did not stop.
    ABUSE = "abuse"
    # It was older than any connection can be.
    AGE = "age"


# A client asks for a new token then, and is told so by its answer if there is no login.
MAY_COME_BACK = {ClosedReason.PASSWORD, ClosedReason.GATEWAY}
# We have ended the connection; with the others it had ended.
HUNG_UP = {*ClosedReason} - {
    ClosedReason.DISCONNECT,
    ClosedReason.GONE,
    ClosedReason.AGE,
}
IS_OPEN_OR_GONE = Q(connected=True) | Q(closed_reason=ClosedReason.GONE)
