"""Let `sam local invoke` run each function with the events of events/, and check the answers.

invoke_functions.py BUILD_DIR IMAGE PARAMETER=VALUE…, with DATABASE_URL in the environment,
from where SAM CLI takes what its file of variables lacks.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, NamedTuple

SAM = ".venv-sam/bin/sam"

# The container's end follows, which the runtime client meets with a traceback.
UNTIL_REPORT = re.compile(r".*?^REPORT .*?$", re.DOTALL | re.MULTILINE)

Answer = dict[str, Any]


def is_ok(answer: Answer) -> bool:
    return bool(answer.get("statusCode") == 200)


def is_page(answer: Answer) -> bool:
    return is_ok(answer) and "<html" in answer["body"]


def ended_well(answer: Answer) -> bool:
    return bool(answer.get("exit_code") == 0)


def holds_counts(answer: Answer) -> bool:
    return bool(answer) and all(type(count) is int for count in answer.values())


def has_kept_nothing(answer: Answer) -> bool:
    return answer == {"batchItemFailures": []}


class Invocation(NamedTuple):
    function: str
    event: str
    is_as_expected: Callable[[Answer], bool]
    integration: str = "http"


# In this order: the tables come first, and a socket lives from connect to disconnect.
INVOCATIONS = (
    Invocation("ManageFunction", "manage", ended_well),
    Invocation("SiteFunction", "page", is_page),
    Invocation("SiteFunction", "http_connect", is_ok),
    Invocation("SiteFunction", "http_message", is_ok),
    Invocation("SiteFunction", "http_disconnect", is_ok),
    Invocation("WebSocketFunction", "websocket_connect", is_ok, "lambda"),
    Invocation("WebSocketFunction", "websocket_message", is_ok, "lambda"),
    Invocation("WebSocketFunction", "websocket_disconnect", is_ok, "lambda"),
    Invocation("BroadcastFunction", "broadcast", has_kept_nothing),
    Invocation("CleanUpFunction", "schedule", holds_counts),
)


def main() -> None:
    build_dir, image, *parameters = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        options = [
            "--template", f"{build_dir}/template.yaml",
            "--env-vars", "events/environment.json",
            "--invoke-image", image, "--skip-pull-image",
            "--parameter-overrides", *parameters,
        ]  # fmt: skip
        os.environ["TMPDIR"] = scratch  # SAM CLI leaves a file there
        for invocation in INVOCATIONS:
            invoke(invocation, options)


def invoke(invocation: Invocation, options: list[str]) -> None:
    function, event, is_as_expected, integration = invocation
    command = [
        SAM, "local", "invoke", function, "--event", f"events/{event}.json",
        *options, f"WebSocketIntegration={integration}",
    ]  # fmt: skip
    begin = time.monotonic()
    ended = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, timeout=120, check=False
    )
    seconds = time.monotonic() - begin
    show(f"\n--- {function}, {event}.json, {seconds:.1f} s")
    if is_as_expected(answer_in(ended.stdout)):
        log = UNTIL_REPORT.match(ended.stderr)
        show(log[0] if log else ended.stderr, shortened(ended.stdout))
    else:
        show(ended.stderr, ended.stdout)
        sys.exit(f"{function} did not answer {event}.json as expected.")


def answer_in(output: str) -> Answer:
    try:
        answer: Answer = json.loads(output)
    except ValueError:  # SAM CLI has said why, on the other stream
        return {}
    return answer


def shortened(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:300]}…"


def show(*texts: str) -> None:
    print(*texts, sep="\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
