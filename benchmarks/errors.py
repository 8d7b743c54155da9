class BenchmarkError(Exception):
    """Raised when something cannot be measured; the text says why and what helps."""
