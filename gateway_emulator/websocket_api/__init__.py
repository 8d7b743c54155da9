"""A WebSocket API: sockets on one side, integrations and the Management API on the other."""
