import django.db.models.deletion
from django.db import migrations, models

from django_aws_api_gateway_websockets.models.repeatable_operations import CreateModelIfMissing


class Migration(migrations.Migration):

    dependencies = [
        ('django_aws_api_gateway_websockets', '0018_limits_and_closed_reasons'),
    ]

    operations = [
        CreateModelIfMissing(
            name='Broadcast',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data', models.TextField(help_text='The message, as clients get it.')),
                ('recipients', models.PositiveIntegerField(help_text='How many were open when it was sent.', null=True)),
                ('created_on', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        CreateModelIfMissing(
            name='BroadcastShard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('sessions', models.TextField(help_text='The primary keys of those that are still to be reached, as JSON.')),
                ('waiting', models.PositiveIntegerField(help_text='How many these are.')),
                ('tries', models.PositiveIntegerField(default=0)),
                ('claim', models.CharField(blank=True, default='', editable=False, max_length=32)),
                ('claimed_until', models.DateTimeField(blank=True, null=True)),
                ('queued_on', models.DateTimeField(blank=True, null=True)),
                ('finished_on', models.DateTimeField(blank=True, null=True)),
                ('sent', models.PositiveIntegerField(default=0)),
                ('gone', models.PositiveIntegerField(default=0)),
                ('connecting', models.PositiveIntegerField(default=0)),
                ('failed', models.PositiveIntegerField(default=0)),
                ('repeated', models.PositiveIntegerField(default=0, help_text='How often it came though it was finished or taken over.')),
                ('last_reason', models.TextField(blank=True, default='', help_text='The most frequent one of the last turn, if somebody did not get the message.')),
                ('broadcast', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='shards', to='django_aws_api_gateway_websockets.broadcast')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('broadcast', 'number'), name='ws_broadcast_shard_number')],
            },
        ),
    ]
