"""The environment that functions see."""

import os

from gateway_emulator.template.deployment import Function

# What a worker gets of this machine's environment; the rest is what Lambda would set.
INHERITED = ("PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")


def worker_environment(
    function: Function, *, region: str, runtime_api: str, worker: str
) -> dict[str, str]:
    """Return the whole environment of a worker: Lambda's variables, then the function's own."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {
        **inherited,
        **lambda_environment(function, region),
        "AWS_LAMBDA_RUNTIME_API": f"{runtime_api}/{worker}",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://{runtime_api}",
        **function.environment,
    }


def lambda_environment(function: Function, region: str) -> dict[str, str]:
    """Return the variables that Lambda sets itself; the credentials open nothing."""
    return {
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "LAMBDA_TASK_ROOT": str(function.code),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }
