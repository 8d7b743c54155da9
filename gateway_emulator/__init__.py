"""API Gateway and Lambda on a laptop: runs any SAM template with an HTTP API, a WebSocket API or both."""
