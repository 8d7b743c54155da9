from django.db import migrations, models

from django_aws_api_gateway_websockets.models.exact_text import ExactCharField


class Migration(migrations.Migration):
    """What AWS answers fits, and names are compared letter by letter."""

    dependencies = [
        ('django_aws_api_gateway_websockets', '0016_rows_of_the_earlier_package'),
    ]

    operations = [
        migrations.AlterField(
            model_name='apigateway',
            name='api_description',
            field=models.CharField(blank=True, default='', max_length=1024),
        ),
        migrations.AlterField(
            model_name='apigateway',
            name='api_id',
            field=ExactCharField(blank=True, default='', max_length=64),
        ),
        migrations.AlterField(
            model_name='apigateway',
            name='certificate_arn',
            field=models.CharField(blank=True, default='', max_length=2048),
        ),
        migrations.AlterField(
            model_name='apigateway',
            name='default_channel_name',
            field=ExactCharField(default='default', max_length=255),
        ),
        migrations.AlterField(
            model_name='apigateway',
            name='deployment_id',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AlterField(
            model_name='apigateway',
            name='hosted_zone_id',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AlterField(
            model_name='apigateway',
            name='last_error',
            field=models.CharField(blank=True, default='', max_length=2000),
        ),
        migrations.AlterField(
            model_name='apigateway',
            name='stage_description',
            field=models.CharField(blank=True, default='', max_length=1024),
        ),
        migrations.AlterField(
            model_name='apigateway',
            name='stage_name',
            field=models.CharField(default='production', max_length=128),
        ),
        migrations.AlterField(
            model_name='apigateway',
            name='target_base_endpoint',
            field=models.URLField(blank=True, max_length=1000, null=True),
        ),
        migrations.AlterField(
            model_name='apigatewayadditionalroute',
            name='integration_id',
            field=models.CharField(blank=True, default='', editable=False, max_length=64),
        ),
        migrations.AlterField(
            model_name='apigatewayadditionalroute',
            name='integration_url',
            field=models.URLField(help_text='Where its events are posted.', max_length=1000),
        ),
        migrations.AlterField(
            model_name='apigatewayadditionalroute',
            name='route_id',
            field=models.CharField(blank=True, default='', editable=False, max_length=64),
        ),
        migrations.AlterField(
            model_name='apigatewayadditionalroute',
            name='route_key',
            field=ExactCharField(db_index=True, max_length=128),
        ),
        migrations.AlterField(
            model_name='channelpermission',
            name='channel_name',
            field=ExactCharField(max_length=255, unique=True),
        ),
        migrations.AlterField(
            model_name='websocketsession',
            name='auth_hash',
            field=models.CharField(blank=True, default='', max_length=128),
        ),
        migrations.AlterField(
            model_name='websocketsession',
            name='channel_name',
            field=ExactCharField(blank=True, default='', max_length=255),
        ),
        migrations.AlterField(
            model_name='websocketsession',
            name='connection_id',
            field=ExactCharField(max_length=255, unique=True),
        ),
    ]
