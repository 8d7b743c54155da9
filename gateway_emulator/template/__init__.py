"""From a template file to the deployment that CloudFormation would make of it."""

from gateway_emulator.template.deployment import Deployment
from gateway_emulator.template.options import DeploymentOptions
from gateway_emulator.template.reading import read_deployment

__all__ = ["Deployment", "DeploymentOptions", "read_deployment"]
