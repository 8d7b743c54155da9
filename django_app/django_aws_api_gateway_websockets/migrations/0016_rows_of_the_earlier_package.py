from typing import Any

from django.db import migrations
from django.db.migrations.exceptions import InconsistentMigrationHistory

from django_aws_api_gateway_websockets.models.adopted_databases import fault_of

ROWS_AT_ONCE = 1_000


def refuse_other_databases(apps: Any, schema_editor: Any) -> None:
    """As the check E010 does, which `call_command('migrate')` does not ask."""
    connection = schema_editor.connection
    if (fault := fault_of(connection)) is not None:
        raise InconsistentMigrationHistory(f'{fault.about(connection.alias)}. {fault.hint}')


def delete_plain_tokens(apps: Any, schema_editor: Any) -> None:
    """They stand there as they were handed out, and none is good for more than a minute."""
    model = apps.get_model('django_aws_api_gateway_websockets', 'WebSocketToken')
    tokens = model.objects.using(schema_editor.connection.alias)
    while pks := list(tokens.order_by('pk').values_list('pk', flat=True)[:ROWS_AT_ONCE]):
        tokens.filter(pk__in=pks).delete()


def name_default_channels(apps: Any, schema_editor: Any) -> None:
    """A client that names no channel was in the one without a name, and may come again."""
    model = apps.get_model('django_aws_api_gateway_websockets', 'ApiGateway')
    gateways = model.objects.using(schema_editor.connection.alias)
    gateways.filter(default_channel_name='').update(default_channel_name='default')


class Migration(migrations.Migration):
    """What would be wrong here in the rows of a database that another package has made."""

    # Each batch is a transaction of its own; to do it again does no harm.
    atomic = False

    dependencies = [
        ('django_aws_api_gateway_websockets', '0001_squashed_0015'),
    ]

    operations = [
        migrations.RunPython(refuse_other_databases, migrations.RunPython.noop),
        migrations.RunPython(delete_plain_tokens, migrations.RunPython.noop),
        migrations.RunPython(name_default_channels, migrations.RunPython.noop),
    ]
