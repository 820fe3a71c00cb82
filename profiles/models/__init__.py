"""Models of profiles. The hot tables are made by plain SQL in the migrations; Django reads them."""

from profiles.models.behaviour import BehaviourLock, VisitBehaviour
from profiles.models.blocking import BlockedHit, BlockProposal, Degree, DegreeMark
from profiles.models.cluster import Cluster
from profiles.models.consent import Consent, ConsentDay, Declaration
from profiles.models.facts import (
    BuilderMinute,
    DailyCounter,
    EventName,
    SuppressedMessage,
    TimelineEvent,
    TraitVersion,
)
from profiles.models.handover import Handover
from profiles.models.household import GroupTraitVersion, Household
from profiles.models.identity import Anchor, Evidence, Identifier
from profiles.models.merge import Merge, Split
from profiles.models.namespace import LifecycleRule, Namespace, RulesVersion
from profiles.models.profile import Profile, ProfileActivity, ProfileName
from profiles.models.rebuild import CombinedRebuild
from profiles.models.review import Review
from profiles.models.rule_change import RuleChange
from profiles.models.session import Session, SessionClock, SessionLock
from profiles.models.social import SocialAccount, SocialItem
from profiles.models.sources import SourceDoubt, SourceGap
from profiles.models.undo import Undo, UndoItem

__all__ = [
    "Anchor",
    "BehaviourLock",
    "BlockProposal",
    "BlockedHit",
    "BuilderMinute",
    "Cluster",
    "CombinedRebuild",
    "Consent",
    "ConsentDay",
    "DailyCounter",
    "Declaration",
    "Degree",
    "DegreeMark",
    "EventName",
    "Evidence",
    "GroupTraitVersion",
    "Handover",
    "Household",
    "Identifier",
    "LifecycleRule",
    "Merge",
    "Namespace",
    "Profile",
    "ProfileActivity",
    "ProfileName",
    "Review",
    "RuleChange",
    "RulesVersion",
    "Session",
    "SessionClock",
    "SessionLock",
    "SocialAccount",
    "SocialItem",
    "SourceDoubt",
    "SourceGap",
    "Split",
    "SuppressedMessage",
    "TimelineEvent",
    "TraitVersion",
    "Undo",
    "UndoItem",
    "VisitBehaviour",
]
