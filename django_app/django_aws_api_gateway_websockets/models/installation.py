"""Has another distribution, which is imported by the same name, overwritten files?"""

from importlib.metadata import PackageNotFoundError, version

PEER = "django-aws-api-gateway-websockets"
HINT = (
    f"pip uninstall {PEER}, which takes shared files along, and then "
    "pip install --force-reinstall --no-deps django-serverless-websockets"
)


def other_distribution() -> str:
    """What is to be said about it; empty where there is none."""
    try:
        installed = version(PEER)
    except PackageNotFoundError:
        return ""
    return (
        f"{PEER} {installed} is installed beside this package, and both are imported by "
        "the same name: whichever came last has overwritten files of the other"
    )
