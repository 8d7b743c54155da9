"""A process that forks, such as a server that has loaded the app before its workers."""

import os
import subprocess
import sys

PATHS = os.pathsep.join([".", "django_app"])
# A process of its own: this one has threads, which do not survive a fork.
FORKING = """
import os, sys

from django_aws_api_gateway_websockets.messaging.broadcast_queue import BroadcastQueue

def client():
    url = "https://sqs.eu-central-1.amazonaws.com/123456789012/broadcasts"
    return BroadcastQueue(url).client

of_parent = client()
if child := os.fork():
    _, status = os.waitpid(child, 0)
    kept = client() is of_parent
    sys.exit(0 if kept and status == 0 else "the child has the client of its parent")
os._exit(client() is of_parent)
"""


def test_a_child_takes_no_connection_to_the_queue_along():
    ended = subprocess.run(
        [sys.executable, "-c", FORKING],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": PATHS,
        },
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert ended.returncode == 0, ended.stderr
