"""The site in its artifact, and its database."""

from dataclasses import replace
from pathlib import Path

from benchmarks.builds import FUNCTIONS
from benchmarks.errors import BenchmarkError
from benchmarks.events import EVENTS
from benchmarks.runtime import running
from gateway_emulator.env_vars import read_env_vars
from gateway_emulator.template import DeploymentOptions, read_deployment
from gateway_emulator.template.deployment import Function


def site(build: Path) -> Function:
    """The function that answers HTTP requests, with what the built template gives it."""
    env_vars = read_env_vars(EVENTS / "environment.json")
    options = DeploymentOptions(build / "template.yaml", env_vars=env_vars)
    return read_deployment(options).function("SiteFunction")


def with_urls(whole_site: Function, urls: str) -> Function:
    """Give the site a module of `functions` as its URLs, and limits that nobody reaches."""
    variables = {
        "DJANGO_SETTINGS_MODULE": "measured_settings",
        "MEASURED_URLS": urls,
        "PYTHONPATH": f"{whole_site.environment['PYTHONPATH']}:{FUNCTIONS}",
    }
    return replace(whole_site, environment={**whole_site.environment, **variables})


def migrate(whole_site: Function) -> None:
    manage_function = replace(whole_site, handler="lambda_handlers.manage.handler")
    with running(manage_function) as manage:
        answer, _ = manage.invoke({"command": "migrate"})
    if answer["exit_code"]:
        raise BenchmarkError(f"The database cannot be migrated:\n{answer['output']}")
