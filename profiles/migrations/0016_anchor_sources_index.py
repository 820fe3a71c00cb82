"""An index of the sources of anchors, made while events are applied."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from streaming.indexing import AddIndex, for_as_long_as_it_takes


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('profiles', '0015_anchor_sources'),
    ]

    operations = for_as_long_as_it_takes(
        AddIndex('anchor', GinIndex(fields=['sources'], name='profiles_anchor_sources', fastupdate=False)),
    )
