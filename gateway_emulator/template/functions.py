"""Read the functions of a template: where their code is, and the environment they run in."""

from collections.abc import Mapping
from pathlib import Path

from gateway_emulator.errors import TemplateError
from gateway_emulator.template.deployment import Function
from gateway_emulator.template.intrinsics import text
from gateway_emulator.template.loading import LOCAL_CODE
from gateway_emulator.template.local_template import LocalTemplate

FUNCTION = "AWS::Lambda::Function"
TASK_ROOT = "/var/task"  # where Lambda unpacks a function's code
# It is read-only there. Here, what Python leaves in a build would be deployed with it.
READ_ONLY = {"PYTHONDONTWRITEBYTECODE": "1"}
FOR_ALL = "Parameters"  # SAM's name, among variables by function, for those of all


def read_functions(
    template: LocalTemplate, reached: set[str]
) -> tuple[dict[str, Function], dict[str, str]]:
    """Return the functions by logical id, and why others cannot run.

    One that cannot run is an error if a route reaches it.
    """
    declared = {
        logical_id: resource.get("Condition")
        for logical_id, resource in template.resources.resources.items()
        if resource.get("Type") == FUNCTION
    }
    require_functions(template.options.env_vars, declared)
    functions, absent = {}, {}
    made = template.ids_of(FUNCTION)
    for logical_id, condition in declared.items():
        if logical_id not in made:
            absent[logical_id] = (
                f"{logical_id}: its Condition {condition} does not hold with these"
                " parameters; give others with --parameter."
            )
            continue
        try:
            functions[logical_id] = read_function(template, logical_id)
        except TemplateError as error:
            if template.resources.attribute(logical_id, "Arn") in reached:
                raise
            absent[logical_id] = str(error)
    return functions, absent


def require_functions(
    env_vars: Mapping[str, object], declared: Mapping[str, object]
) -> None:
    """Refuse variables for a function that the template lacks, whatever its parameters."""
    for logical_id in env_vars:
        if logical_id != FOR_ALL and logical_id not in declared:
            known = ", ".join(declared) or "none"
            raise TemplateError(
                f"{logical_id!r}: --env-vars has variables for it, but the template has no"
                f" such function (it has: {known})."
            )


def read_function(template: LocalTemplate, logical_id: str) -> Function:
    if template.property(logical_id, "PackageType", "Zip") != "Zip":
        raise TemplateError(
            f"{logical_id}: functions made of a container image are not supported."
        )
    runtime = str(template.property(logical_id, "Runtime", ""))
    if not runtime.startswith("python"):
        raise TemplateError(
            f"{logical_id}: Runtime {runtime!r} is not supported, only Python is."
        )
    code = code_folder(template, logical_id)
    return Function(
        name=template.resources.function_name(logical_id),
        arn=template.resources.attribute(logical_id, "Arn"),
        handler=str(template.property(logical_id, "Handler", "")),
        code=code,
        environment=environment(template, logical_id, code),
        timeout=template.number(logical_id, "Timeout", 3),
        memory=int(template.number(logical_id, "MemorySize", 128)),
        runtime=runtime,
    )


def code_folder(template: LocalTemplate, logical_id: str) -> Path:
    code = template.property(logical_id, "Code", {})
    if isinstance(code, dict) and "ZipFile" in code:
        raise TemplateError(f"{logical_id}: code that is inline is not supported.")
    path = code.get("S3Key") if isinstance(code, dict) else code
    in_a_bucket = isinstance(code, dict) and code.get("S3Bucket") != LOCAL_CODE
    if in_a_bucket or not path:
        raise TemplateError(f"{logical_id}: its code is not in a local folder.")
    folder = (template.options.deployed_template.parent / str(path)).resolve()
    if not folder.is_dir():
        raise TemplateError(f"{logical_id}: its code folder {folder} does not exist.")
    return folder


def environment(template: LocalTemplate, logical_id: str, code: Path) -> dict[str, str]:
    """Return the function's own variables; those given on the command line are never resolved."""
    options = template.options
    given = {
        **options.env_vars.get(FOR_ALL, {}),
        **options.env_vars.get(logical_id, {}),
        **options.environment,
    }
    properties = template.resources.resources[logical_id].get("Properties") or {}
    written = (properties.get("Environment") or {}).get("Variables") or {}
    variables = template.value(
        {name: value for name, value in written.items() if name not in given},
        logical_id,
    )
    local = {
        name: text(value).replace(TASK_ROOT, str(code))
        for name, value in variables.items()
    }
    read_only = READ_ONLY if options.built is not None else {}
    return {**read_only, **local, **given}
