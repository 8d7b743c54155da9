"""The artifact that the peer runs in."""

from pathlib import Path

from benchmarks.peer_app import APP, with_peers_app
from gateway_emulator.template.deployment import Function

APP_FILE = f"django_app/{APP}/models/__init__.py"  # the peer's models are one file
FILES = ("django_app/config/settings.py", "django/__init__.py", APP_FILE)


def files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def artifact(folder: Path) -> Function:
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("# ours\n")
    return Function(
        name="function",
        arn="arn:aws:lambda:us-east-1:123456789012:function:function",
        handler="function.handler",
        code=folder,
        environment={"PYTHONPATH": f"{folder}/django_app", "GREETING": "hello"},
        timeout=3,
        memory=128,
        runtime="python3.13",
    )


def test_nothing_but_the_app_is_another(tmp_path: Path):
    ours = artifact(tmp_path / "ours")

    peers = with_peers_app(ours, tmp_path / "peers")

    app = Path("django_app") / APP
    others = {path for path in files(peers.code) if not path.is_relative_to(app)}
    assert others == {Path(name) for name in FILES if name != APP_FILE}
    assert all((ours.code / path).samefile(peers.code / path) for path in others)
    assert app / "models.py" in files(peers.code)
    assert Path(APP_FILE) not in files(peers.code)


def test_it_is_compiled_and_found_where_it_is(tmp_path: Path):
    peers = with_peers_app(artifact(tmp_path / "ours"), tmp_path / "peers")

    app = peers.code / "django_app" / APP
    assert peers.environment["PYTHONPATH"] == str(peers.code / "django_app")
    assert peers.environment["GREETING"] == "hello"
    assert list((app / "__pycache__").glob("models.*.pyc"))
