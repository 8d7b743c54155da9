"""Take steps of peer_site: python take_steps.py STEP…

What each of them returns is a line of JSON.
"""

import json
import sys

import django

if __name__ == "__main__":
    django.setup()
    import peer_site

    for step in sys.argv[1:]:
        name, *arguments = step.split()
        result = getattr(peer_site, name)(*arguments)
        sys.stdout.write(f"{json.dumps(result)}\n")
