"""What the checks of the app say."""

APP = "django_aws_api_gateway_websockets"


def reports_of(messages):
    """Ids and texts of those that are of the app."""
    return [
        (each.id.removeprefix(f"{APP}."), f"{each.msg}. {each.hint}")
        for each in messages
        if each.id.startswith(f"{APP}.")
    ]
