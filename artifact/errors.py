class BuildError(Exception):
    """Raised when an artifact cannot be built; the text says why and what helps."""
