"""Addresses under /api/v1/."""

from django.urls import path

from streaming.api.consumers import ConsumersView
from streaming.api.pipeline import DeadLettersView, DiscardView, ResubmitView, TopicsView

urlpatterns = [
    path("consumers/", ConsumersView.as_view()),
    path("topics/", TopicsView.as_view()),
    path("dead-letters/", DeadLettersView.as_view()),
    path("dead-letters/resubmit/", ResubmitView.as_view()),
    path("dead-letters/discard/", DiscardView.as_view()),
]
