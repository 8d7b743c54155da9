from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('django_aws_api_gateway_websockets', '0016_callback_url_and_closed_reason'),
    ]

    operations = [
        migrations.CreateModel(
            name='RateLimitBucket',
            fields=[
                ('key', models.CharField(max_length=128, primary_key=True, serialize=False)),
                ('free_at', models.BigIntegerField(help_text='In microseconds since 1970.')),
            ],
        ),
        migrations.AddField(
            model_name='websocketsession',
            name='excess_since',
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='websocketsession',
            name='excess_told_at',
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='websocketsession',
            name='messages_free_at',
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name='websocketsession',
            name='closed_reason',
            field=models.CharField(blank=True, choices=[('disconnect', 'Disconnect'), ('gone', 'Gone'), ('logout', 'Logout'), ('deactivated', 'Deactivated'), ('password', 'Password'), ('staff', 'Staff'), ('gateway', 'Gateway'), ('abuse', 'Abuse'), ('age', 'Age')], default='', max_length=16),
        ),
        migrations.AddField(
            model_name='websockettoken',
            name='connection_id',
            field=models.CharField(blank=True, default='', max_length=128),
        ),
        migrations.AddField(
            model_name='websockettoken',
            name='auth_hash',
            field=models.CharField(blank=True, default='', max_length=128),
        ),
    ]
