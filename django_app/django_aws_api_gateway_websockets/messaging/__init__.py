"""Messages to clients: how they are written and how they get there."""
