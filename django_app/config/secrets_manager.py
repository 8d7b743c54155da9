import os


def read_secret(name_or_arn: str) -> str:
    """The text of a secret. boto3 is slow to import, so only whoever needs it waits."""
    from boto3.session import Session

    parts = name_or_arn.split(":")
    region = parts[3] if len(parts) > 3 else os.environ.get("AWS_REGION")
    client = Session(region_name=region).client("secretsmanager")
    return client.get_secret_value(SecretId=name_or_arn)["SecretString"]
