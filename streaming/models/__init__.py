"""Models of the pipeline; the log's and the runtime's other tables are reached by SQL only."""

from streaming.models.dead_letter import DeadLetter, DeadLetterEdit
from streaming.models.kept_answer import KeptAnswer
from streaming.models.resubmission import Resubmission
from streaming.models.topic_setting import TopicSetting

__all__ = ["DeadLetter", "DeadLetterEdit", "KeptAnswer", "Resubmission", "TopicSetting"]
