from django.contrib.auth.models import User
from django.db import models


class Member(User):
    """A proxy, which the admin may show instead of the users."""

    class Meta:
        proxy = True


class Driver(User):
    """A child: it has a row in both tables."""

    licence = models.CharField(max_length=16)
