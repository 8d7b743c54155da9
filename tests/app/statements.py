"""Something that happens between two statements of whoever writes."""

from contextlib import contextmanager

from django.db import connection


@contextmanager
def before(kind, act, *, nth=1):
    """Act once, right before a statement of this kind."""
    seen = []

    def look(execute, sql, params, many, context):
        if sql.startswith(kind):
            seen.append(sql)
            if len(seen) == nth:
                act()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield
