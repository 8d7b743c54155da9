"""An HTTP API in front of Lambda functions, payload format 2.0."""
