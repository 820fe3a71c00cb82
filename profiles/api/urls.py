"""Addresses under /api/v1/."""

from django.urls import path

from profiles.api.behaviour import BehaviourView
from profiles.api.consents import ConsentHistoryView, ConsentsView
from profiles.api.decisions import KeepApartView, MergeView, SplitView, UnmergeView
from profiles.api.declarations import GiveView, ObjectView, RestrictView
from profiles.api.facts import EventsView, ExplainView, IdentifiersView, MergesView
from profiles.api.graph import GraphView
from profiles.api.handovers import HandOverView, TakeBackView
from profiles.api.households import (
    HouseholdMembersView,
    HouseholdsView,
    HouseholdView,
    PersonHouseholdsView,
)
from profiles.api.people import LookupView, ProfilesView, ProfileView
from profiles.api.reviews import DecideView, ReviewsView, UndoView
from profiles.api.rule_changes import ApplyView, CancelView, RuleChangesView, RuleChangeView
from profiles.api.rules import DryRunView, NamespacesView
from profiles.api.sessions import SessionsView
from profiles.api.social import SocialView
from profiles.api.suppressing import SuppressView

urlpatterns = [
    path("profiles/", ProfilesView.as_view()),
    path("profiles/lookup/", LookupView.as_view()),
    path("profiles/<uuid:profile_id>/", ProfileView.as_view()),
    path("profiles/<uuid:profile_id>/events/", EventsView.as_view()),
    path("profiles/<uuid:profile_id>/identifiers/", IdentifiersView.as_view()),
    path("profiles/<uuid:profile_id>/merges/", MergesView.as_view()),
    path("profiles/<uuid:profile_id>/explain/", ExplainView.as_view()),
    path("profiles/<uuid:profile_id>/unmerge/", UnmergeView.as_view()),
    path("profiles/<uuid:profile_id>/split/", SplitView.as_view()),
    path("profiles/<uuid:profile_id>/merge/", MergeView.as_view()),
    path("profiles/<uuid:profile_id>/keep-apart/", KeepApartView.as_view()),
    path("profiles/<uuid:profile_id>/households/", PersonHouseholdsView.as_view()),
    path("profiles/<uuid:profile_id>/graph/", GraphView.as_view()),
    path("profiles/<uuid:profile_id>/consents/", ConsentsView.as_view()),
    path("profiles/<uuid:profile_id>/consents/history/", ConsentHistoryView.as_view()),
    path("profiles/<uuid:profile_id>/sessions/", SessionsView.as_view()),
    path("profiles/<uuid:profile_id>/social/", SocialView.as_view()),
    path("profiles/<uuid:profile_id>/behaviour/", BehaviourView.as_view()),
    path("profiles/<uuid:profile_id>/suppress/", SuppressView.as_view()),
    path("consents/", GiveView.as_view()),
    path("objections/", ObjectView.as_view()),
    path("restrictions/", RestrictView.as_view()),
    path("reviews/", ReviewsView.as_view()),
    path("reviews/<int:review_id>/decide/", DecideView.as_view()),
    path("reviews/<int:review_id>/undo/", UndoView.as_view()),
    path("identifiers/hand-over/", HandOverView.as_view()),
    path("handovers/<int:handover_id>/take-back/", TakeBackView.as_view()),
    path("namespaces/", NamespacesView.as_view()),
    path("namespaces/<slug:key>/dry-run/", DryRunView.as_view()),
    path("rule-changes/", RuleChangesView.as_view()),
    path("rule-changes/<int:change_id>/", RuleChangeView.as_view()),
    path("rule-changes/<int:change_id>/apply/", ApplyView.as_view()),
    path("rule-changes/<int:change_id>/cancel/", CancelView.as_view()),
    path("households/", HouseholdsView.as_view()),
    path("households/<uuid:household_id>/", HouseholdView.as_view()),
    path("households/<uuid:household_id>/members/", HouseholdMembersView.as_view()),
]
