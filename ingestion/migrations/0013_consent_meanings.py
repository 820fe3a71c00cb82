"""What the names of consent tools mean in the events of a source."""

from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):

    dependencies = [
        ('ingestion', '0012_source_purpose'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentMeaning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('signal', models.CharField(choices=[('category', 'category'), ('google', 'google'), ('tcf', 'tcf')], max_length=10)),
                ('name', models.CharField(max_length=80)),
                ('purpose', models.CharField(max_length=40)),
                ('source', models.ForeignKey(on_delete=deletion.PROTECT, related_name='meanings', to='ingestion.source')),
            ],
            options={'ordering': ['signal', 'name', 'purpose']},
        ),
        migrations.AddConstraint(
            model_name='consentmeaning',
            constraint=models.UniqueConstraint(fields=('source', 'signal', 'name', 'purpose'), name='consent_meaning_unique'),
        ),
    ]
