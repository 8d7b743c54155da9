import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

APP = 'django_aws_api_gateway_websockets'


class Migration(migrations.Migration):
    """The tables as the fifteen migrations of the earlier package leave them.

    A database that has run those takes this one as done.
    """

    initial = True

    replaces = [
        (APP, '0001_initial'),
        (APP, '0002_rename_author_websocketsession_user'),
        (APP, '0003_auto_20220706_1018'),
        (APP, '0004_auto_20221208_1227'),
        (APP, '0005_apigatewayadditionalroute_deployed'),
        (APP, '0006_auto_20221215_0847'),
        (APP, '0007_connectionratelimit_websockettoken'),
        (APP, '0008_remove_websockettoken_websocket_t_created_c55db3_idx_and_more'),
        (APP, '0009_alter_connectionratelimit_table_and_more'),
        (APP, '0010_hash_websockettoken_session_key'),
        (APP, '0011_channelpermission_channelpermissionrule'),
        (APP, '0012_apigateway_provisioning_status'),
        (APP, '0013_apigatewayadditionalroute_aws_ids'),
        (APP, '0014_websocketsession_auth_hash_and_more'),
        (APP, '0015_alter_apigateway_provisioning_status'),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiGateway',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('api_name', models.CharField(max_length=255, unique=True)),
                ('api_description', models.TextField(blank=True, default='')),
                ('default_channel_name', models.CharField(default='default', max_length=255)),
                ('domain_name', models.CharField(blank=True, default='', max_length=255)),
                ('target_base_endpoint', models.CharField(blank=True, default='', max_length=1000)),
                ('certificate_arn', models.CharField(blank=True, default='', max_length=2048)),
                ('hosted_zone_id', models.CharField(blank=True, default='', max_length=64)),
                ('api_key_selection_expression', models.CharField(blank=True, default='$request.header.x-api-key', max_length=255)),
                ('route_selection_expression', models.CharField(default='$request.body.action', max_length=255)),
                ('route_key', models.CharField(default='$default', max_length=128)),
                ('stage_name', models.CharField(default='production', max_length=128)),
                ('stage_description', models.TextField(blank=True, default='')),
                ('deployment_id', models.CharField(blank=True, default='', max_length=64)),
                ('tags', models.JSONField(blank=True, default=dict)),
                ('api_id', models.CharField(blank=True, db_index=True, default='', max_length=64)),
                ('api_endpoint', models.CharField(blank=True, default='', max_length=255)),
                ('api_gateway_domain_name', models.CharField(blank=True, default='', max_length=255)),
                ('api_mapping_id', models.CharField(blank=True, default='', max_length=64)),
                ('api_created', models.BooleanField(default=False)),
                ('custom_domain_created', models.BooleanField(default=False)),
                ('provisioning_status', models.CharField(choices=[('pending', 'Pending'), ('creating', 'Creating'), ('api_created', 'Api Created'), ('routes_created', 'Routes Created'), ('deployed', 'Deployed'), ('domain_created', 'Domain Created'), ('mapped', 'Mapped')], default='pending', max_length=32)),
                ('last_error', models.TextField(blank=True, default='')),
                ('created_on', models.DateTimeField(auto_now_add=True)),
                ('updated_on', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'API gateway',
            },
        ),
        migrations.CreateModel(
            name='WebSocketSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('connection_id', models.CharField(max_length=128, unique=True)),
                ('channel_name', models.CharField(max_length=255)),
                ('connected', models.BooleanField(default=True)),
                ('request_count', models.PositiveIntegerField(default=0, help_text='Messages of the client.')),
                ('session_key_hash', models.CharField(blank=True, db_index=True, default='', max_length=64)),
                ('auth_hash', models.CharField(blank=True, default='', max_length=128)),
                ('created_on', models.DateTimeField(auto_now_add=True)),
                ('updated_on', models.DateTimeField(auto_now=True)),
                ('api_gateway', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='sessions', to=f'{APP}.apigateway')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='websocket_sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'WebSocket session',
            },
        ),
        migrations.CreateModel(
            name='ChannelPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel_name', models.CharField(max_length=128, unique=True)),
                ('access', models.CharField(choices=[('allow_all', 'Everybody'), ('superuser_only', 'Superusers'), ('staff_only', 'Staff'), ('permissions', 'Whoever satisfies one of the rules')], default='allow_all', max_length=16)),
                ('description', models.CharField(blank=True, max_length=255)),
                ('created_on', models.DateTimeField(auto_now_add=True)),
                ('updated_on', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'channel permission',
            },
        ),
        migrations.CreateModel(
            name='ChannelPermissionRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel_permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to=f'{APP}.channelpermission')),
                ('permissions', models.ManyToManyField(blank=True, related_name='channel_permission_rules', to='auth.permission')),
            ],
            options={
                'verbose_name': 'channel permission rule',
            },
        ),
        migrations.CreateModel(
            name='ConnectionRateLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ip_address', models.GenericIPAddressField(db_index=True)),
                ('attempt_time', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('successful', models.BooleanField(default=False)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='connection_attempts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'connection attempt',
                'indexes': [models.Index(fields=['ip_address', 'attempt_time'], name='idx_ip_attempt_time'), models.Index(fields=['user', 'attempt_time'], name='idx_user_attempt_time')],
            },
        ),
        migrations.CreateModel(
            name='WebSocketToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=64, unique=True)),
                ('session_key', models.CharField(db_index=True, max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('used', models.BooleanField(default=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='websocket_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'WebSocket token',
                'indexes': [models.Index(fields=['token', 'used'], name='idx_websocket_tokens_used')],
            },
        ),
    ]
