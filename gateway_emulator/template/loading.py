"""Read a template file and let samtranslator turn SAM into CloudFormation."""

import copy
import os
from pathlib import Path
from typing import Any

import yaml

from gateway_emulator.errors import TemplateError

# samtranslator wants code in a bucket: local paths travel through it as keys of this one.
LOCAL_CODE = "local-code"


def load_template(path: Path) -> dict[str, Any]:
    """Return the parsed template; a TemplateError names the file, and the line where YAML has one."""
    from samtranslator.yaml_helper import yaml_parse

    try:
        template = yaml_parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TemplateError(f"{path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise TemplateError(f"{path}: this is not UTF-8 text.") from error
    except yaml.YAMLError as error:
        raise TemplateError(f"{path}: {' '.join(str(error).split())}.") from error
    if not isinstance(template, dict) or not isinstance(
        template.get("Resources"), dict
    ):
        raise TemplateError(f"{path}: this is no template, it has no Resources.")
    return template


def transform(
    template: dict[str, Any], parameters: dict[str, Any], region: str
) -> dict[str, Any]:
    """Return the CloudFormation template that the SAM transform makes of `template`."""
    os.environ.setdefault(
        "AWS_DEFAULT_REGION", region
    )  # read by samtranslator's session
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform as sam_transform

    if "Transform" not in template:
        return template
    try:
        transformed: dict[str, Any] = sam_transform(
            with_code_in_a_bucket(template), dict(parameters), NoManagedPolicies()
        )
    except InvalidDocumentException as error:
        causes = " ".join(cause.message for cause in error.causes) or error.message
        raise TemplateError(
            f"The SAM transform refuses the template: {causes}"
        ) from error
    return transformed


class NoManagedPolicies:
    """Stands for the list of AWS's managed policies, which no emulated function needs."""

    def load(self) -> dict[str, str]:
        return {}


def with_code_in_a_bucket(template: dict[str, Any]) -> dict[str, Any]:
    """Copy a template, its local code folders written as objects of one bucket."""
    template = copy.deepcopy(template)
    defaults = template.get("Globals", {}).get("Function", {})
    functions = [
        resource.setdefault("Properties", {})
        for resource in template["Resources"].values()
        if isinstance(resource, dict)
        and resource.get("Type") == "AWS::Serverless::Function"
    ]
    for properties in [defaults, *functions]:
        code = properties.get("CodeUri")
        if isinstance(code, str) and not code.startswith("s3://"):
            properties["CodeUri"] = {"Bucket": LOCAL_CODE, "Key": code}
    return template
