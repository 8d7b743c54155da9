"""What is installed into a project: the app, with its types, and nothing else."""

from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

from tests.existing_project.project import ROOT

APP = ROOT / "django_app" / "django_aws_api_gateway_websockets"


def test_the_wheel_has_every_file_of_the_app_and_no_other(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        files = {Path(name) for name in archive.namelist()}
    metadata = {path for path in files if path.parts[0].endswith(".dist-info")}
    written = {
        path.relative_to(APP.parent)
        for path in APP.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert files - metadata == written
    assert {path.name for path in metadata} == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "LICENSE",
    }
    for kind in (
        "migrations/0001_*.py",
        "messaging/sender/*.pem",
        "py.typed",
        "templates/**/*.html",
        "templatetags/websockets.py",
    ):
        assert list(APP.glob(kind)), kind


def test_the_app_needs_django_alone(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        [name] = [each for each in archive.namelist() if each.endswith("/METADATA")]
        metadata = HeaderParser().parsestr(archive.read(name).decode())

    required = metadata.get_all("Requires-Dist") or []
    assert [each for each in required if "extra ==" not in each] == ["django>=5.2"]
