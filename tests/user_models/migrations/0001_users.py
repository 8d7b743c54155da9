from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = (("auth", "0012_alter_user_first_name_max_length"),)
    operations = (
        migrations.CreateModel(
            name="Member",
            fields=[],
            options={"proxy": True},
            bases=("auth.user",),
        ),
        migrations.CreateModel(
            name="Driver",
            fields=[
                (
                    "user_ptr",
                    models.OneToOneField(
                        "auth.user", models.CASCADE, parent_link=True, primary_key=True
                    ),
                ),
                ("licence", models.CharField(max_length=16)),
            ],
            bases=("auth.user",),
        ),
    )
