"""Check template.yaml as `sam` and CloudFormation would: `python -m tests.template.check`.

`sam validate --lint` sees the source only and misses circular references; cfn-lint over the
transformed template finds those.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from gateway_emulator.errors import TemplateError
from gateway_emulator.template.loading import load_template, transform

ROOT = Path(__file__).parents[2]
MODES = ("http", "lambda")
REGION = "us-east-1"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sam", type=Path, required=True, help="the sam command")
    parser.add_argument("--template", type=Path, default=ROOT / "template.yaml")
    arguments = parser.parse_args()
    findings = [
        f"sam validate --lint: {each}"
        for each in sam_findings(arguments.sam, arguments.template)
    ]
    for mode in MODES:
        each_finding = transformed_findings(arguments.template, mode)
        findings += [f"{mode}: {each}" for each in each_finding]
        print(f"{mode}: transformed and linted")
    for finding in findings:
        print(finding, file=sys.stderr)
    return 1 if findings else 0


def sam_findings(sam: Path, template: Path) -> list[str]:
    command = [
        sam,
        "validate",
        "--lint",
        "--region",
        REGION,
        "--template-file",
        template,
    ]
    return findings_of([str(each) for each in command])


def transformed_findings(template: Path, mode: str) -> list[str]:
    """Return what cfn-lint finds in the CloudFormation template that a mode deploys."""
    try:
        parameters = {"WebSocketIntegration": mode}
        transformed = transform(load_template(template), parameters, REGION)
    except TemplateError as error:
        return [str(error)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "transformed.json"
        path.write_text(json.dumps(with_default(transformed, mode)))
        command = [
            str(Path(sys.executable).with_name("cfn-lint")),
            "--regions",
            REGION,
            "--",
            str(path),
        ]
        return findings_of(command)


def with_default(template: dict[str, Any], mode: str) -> dict[str, Any]:
    """Make a mode the default: cfn-lint resolves parameters by their defaults."""
    template["Parameters"]["WebSocketIntegration"]["Default"] = mode
    return template


def findings_of(command: list[str]) -> list[str]:
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
    ended = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False
    )
    if ended.returncode == 0:
        return []
    return (ended.stdout + ended.stderr).strip().splitlines()


if __name__ == "__main__":
    sys.exit(main())
