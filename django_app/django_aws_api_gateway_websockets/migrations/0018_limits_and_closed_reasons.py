from django.db import migrations, models

from django_aws_api_gateway_websockets.models.exact_text import ExactCharField
from django_aws_api_gateway_websockets.models.repeatable_operations import (
    AddFieldIfMissing,
    AddIndexIfMissing,
    CreateModelIfMissing,
    RemoveIndexIfThere,
)


class Migration(migrations.Migration):
    """Limits, why a session is closed, and the indexes that are used."""

    dependencies = [
        ('django_aws_api_gateway_websockets', '0017_wider_and_exact_columns'),
    ]

    operations = [
        CreateModelIfMissing(
            name='RateLimitBucket',
            fields=[
                ('key', ExactCharField(max_length=128, primary_key=True, serialize=False)),
                ('free_at', models.BigIntegerField(help_text='In microseconds since 1970.')),
            ],
        ),
        AddFieldIfMissing(
            model_name='apigateway',
            name='callback_url',
            field=models.CharField(blank=True, help_text='Where messages to clients are posted, with the stage. Empty: the API endpoint and the stage.', max_length=1000, null=True),
        ),
        AddFieldIfMissing(
            model_name='websocketsession',
            name='closed_on',
            field=models.DateTimeField(blank=True, null=True),
        ),
        AddFieldIfMissing(
            model_name='websocketsession',
            name='closed_reason',
            field=models.CharField(blank=True, choices=[('disconnect', 'Disconnect'), ('gone', 'Gone'), ('logout', 'Logout'), ('deactivated', 'Deactivated'), ('password', 'Password'), ('staff', 'Staff'), ('gateway', 'Gateway'), ('abuse', 'Abuse'), ('age', 'Age')], db_default='', default='', max_length=16),
        ),
        AddFieldIfMissing(
            model_name='websocketsession',
            name='excess_since',
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
        AddFieldIfMissing(
            model_name='websocketsession',
            name='excess_told_at',
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
        AddFieldIfMissing(
            model_name='websocketsession',
            name='messages_free_at',
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
        AddFieldIfMissing(
            model_name='websockettoken',
            name='auth_hash',
            field=models.CharField(blank=True, db_default='', default='', max_length=128),
        ),
        AddFieldIfMissing(
            model_name='websockettoken',
            name='connection_id',
            field=ExactCharField(blank=True, db_default='', default='', max_length=255),
        ),
        RemoveIndexIfThere(
            model_name='apigateway',
            name='django_aws__domain__3b4423_idx',
        ),
        RemoveIndexIfThere(
            model_name='apigateway',
            name='django_aws__custom__5e8390_idx',
        ),
        RemoveIndexIfThere(
            model_name='apigateway',
            name='django_aws__api_cre_376add_idx',
        ),
        RemoveIndexIfThere(
            model_name='apigateway',
            name='django_aws__created_32cf2a_idx',
        ),
        RemoveIndexIfThere(
            model_name='websocketsession',
            name='django_aws__connect_fee1eb_idx',
        ),
        RemoveIndexIfThere(
            model_name='websocketsession',
            name='django_aws__channel_dd10fa_idx',
        ),
        RemoveIndexIfThere(
            model_name='websocketsession',
            name='django_aws__channel_1de026_idx',
        ),
        AddIndexIfMissing(
            model_name='websocketsession',
            index=models.Index(fields=['channel_name', 'connected', 'id'], name='ws_channel_open'),
        ),
    ]
