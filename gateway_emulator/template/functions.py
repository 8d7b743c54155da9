"""Read the functions of a template: where their code is, and the environment they run in."""

from pathlib import Path
from typing import Any

from gateway_emulator.errors import TemplateError
from gateway_emulator.template.deployment import Function
from gateway_emulator.template.intrinsics import text
from gateway_emulator.template.loading import LOCAL_CODE
from gateway_emulator.template.local_values import LocalValues
from gateway_emulator.template.options import DeploymentOptions
from gateway_emulator.template.resources import EmulatedResources

TASK_ROOT = "/var/task"  # where Lambda unpacks a function's code


def read_functions(
    resources: EmulatedResources, local_values: LocalValues, options: DeploymentOptions
) -> dict[str, Function]:
    """Return every function of the template, by logical id."""
    return {
        logical_id: read_function(logical_id, resources, local_values, options)
        for logical_id in resources.ids_of("AWS::Lambda::Function")
    }


def read_function(
    logical_id: str,
    resources: EmulatedResources,
    local_values: LocalValues,
    options: DeploymentOptions,
) -> Function:
    def property_of(name: str, default: Any) -> Any:
        return local_values.localise(
            resources.property(logical_id, name, default), logical_id
        )

    if property_of("PackageType", "Zip") != "Zip":
        raise TemplateError(
            f"{logical_id}: functions made of a container image are not supported."
        )
    runtime = str(property_of("Runtime", ""))
    if not runtime.startswith("python"):
        raise TemplateError(
            f"{logical_id}: Runtime {runtime!r} is not supported, only Python is."
        )
    code = code_folder(logical_id, resources, options)
    return Function(
        name=resources.function_name(logical_id),
        arn=resources.attribute(logical_id, "Arn"),
        handler=str(property_of("Handler", "")),
        code=code,
        environment=environment(logical_id, resources, local_values, options, code),
        timeout=float(property_of("Timeout", 3)),
        memory=int(property_of("MemorySize", 128)),
        runtime=runtime,
    )


def code_folder(
    logical_id: str, resources: EmulatedResources, options: DeploymentOptions
) -> Path:
    code = resources.property(logical_id, "Code", {})
    path = code.get("S3Key") if isinstance(code, dict) else code
    in_a_bucket = isinstance(code, dict) and code.get("S3Bucket") != LOCAL_CODE
    if in_a_bucket or not path:
        raise TemplateError(f"{logical_id}: its code is not in a local folder.")
    folder = (options.deployed_template.parent / str(path)).resolve()
    if not folder.is_dir():
        raise TemplateError(f"{logical_id}: its code folder {folder} does not exist.")
    return folder


def environment(
    logical_id: str,
    resources: EmulatedResources,
    local_values: LocalValues,
    options: DeploymentOptions,
    code: Path,
) -> dict[str, str]:
    """Return the function's own variables; those given on the command line are never resolved."""
    properties = resources.resources[logical_id].get("Properties") or {}
    written = (properties.get("Environment") or {}).get("Variables") or {}
    from_template = resources.intrinsics.resolve(
        {
            name: value
            for name, value in written.items()
            if name not in options.environment
        },
        logical_id,
    )
    local: dict[str, Any] = local_values.localise(from_template, logical_id)
    return {
        **{
            name: text(value).replace(TASK_ROOT, str(code))
            for name, value in local.items()
        },
        **options.environment,
    }
