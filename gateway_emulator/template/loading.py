"""Read a template file and let samtranslator turn SAM into CloudFormation."""

import copy
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway_emulator.errors import TemplateError

# samtranslator wants code in a bucket: local paths travel through it as keys of this one.
LOCAL_CODE = "local-code"
MAPPINGS = ("Parameters", "Conditions", "Mappings", "Globals", "Resources")


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
    if not isinstance(template, dict) or not template.get("Resources"):
        raise TemplateError(f"{path}: this is no template, it has no Resources.")
    for section in MAPPINGS:
        require_mapping(section, template.setdefault(section, {}))
    for section in ("Parameters", "Resources"):
        for name, declaration in template[section].items():
            require_mapping(name, declaration)
            require_mapping(f"{name}.Properties", declaration.get("Properties", {}))
    require_mapping("Globals.Function", template["Globals"].get("Function", {}))
    return template


def require_mapping(name: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise TemplateError(f"{name}: this must be a mapping, not {value!r}.")


def transform(
    template: dict[str, Any], parameters: dict[str, Any], region: str
) -> dict[str, Any]:
    """Return the CloudFormation template that the SAM transform makes of `template`."""
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    if "Transform" not in template:
        return template
    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it misses its metrics
    translator = Translator(None, Parser(), boto_session=RegionOnly(region))
    try:
        transformed: dict[str, Any] = translator.translate(
            with_code_in_a_bucket(template),
            parameter_values=dict(parameters),
            get_managed_policy_map=dict,  # no emulated function needs AWS's policies
        )
    except InvalidDocumentException as error:
        causes = " ".join(cause.message for cause in error.causes) or error.message
        raise TemplateError(
            f"The SAM transform refuses the template: {causes}"
        ) from error
    return transformed


@dataclass(frozen=True)
class RegionOnly:
    """Stands for boto3's session, which would read this machine's AWS profiles."""

    region_name: str


def with_code_in_a_bucket(template: dict[str, Any]) -> dict[str, Any]:
    """Copy a template, its local code folders written as objects of one bucket."""
    template = copy.deepcopy(template)
    defaults = template["Globals"].get("Function", {})
    functions = [
        resource.setdefault("Properties", {})
        for resource in template["Resources"].values()
        if resource.get("Type") == "AWS::Serverless::Function"
    ]
    for properties in [defaults, *functions]:
        code = properties.get("CodeUri")
        if isinstance(code, str) and not code.startswith("s3://"):
            properties["CodeUri"] = {"Bucket": LOCAL_CODE, "Key": code}
    return template
