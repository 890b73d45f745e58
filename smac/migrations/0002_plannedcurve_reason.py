from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("smac", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="plannedcurve",
            name="reason",
            field=models.JSONField(default=dict),
        ),
    ]
