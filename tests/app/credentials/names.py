"""What the parts of a key are called, and what to do where there is none."""

KEY_ID, SECRET, TOKEN = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
REMEDY = (
    "Give the function a role, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name "
    "a profile in the setting AWS_IAM_PROFILE"
)
