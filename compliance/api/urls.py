"""Addresses under /api/v1/."""

from django.urls import path

from compliance.api.access import AccessView
from compliance.api.approvals import ApprovalView
from compliance.api.audit import AuditExportView, AuditSearchView, AuditView
from compliance.api.purposes import PurposesView
from compliance.api.suppressions import LiftView, SuppressionsView

urlpatterns = [
    path("access/", AccessView.as_view()),
    path("audit/", AuditView.as_view()),
    path("audit/search/", AuditSearchView.as_view()),
    path("audit/export/", AuditExportView.as_view()),
    path("purposes/", PurposesView.as_view()),
    path("approvals/<int:approval_id>/", ApprovalView.as_view()),
    path("suppressions/", SuppressionsView.as_view()),
    path("suppressions/<int:suppressed_id>/lift/", LiftView.as_view()),
]
