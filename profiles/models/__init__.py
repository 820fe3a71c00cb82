"""Models of profiles. The hot tables are made by plain SQL in the migrations; Django reads them."""

from profiles.models.behaviour import BehaviourLock, VisitBehaviour
from profiles.models.facts import (
    BuilderMinute,
    DailyCounter,
    EventName,
    SuppressedMessage,
    TimelineEvent,
    TraitVersion,
)
from profiles.models.identity import Anchor, Evidence, Identifier
from profiles.models.merge import Merge
from profiles.models.namespace import LifecycleRule, Namespace
from profiles.models.profile import Cluster, Profile, ProfileActivity, ProfileName
from profiles.models.rebuild import CombinedRebuild
from profiles.models.session import Session, SessionClock, SessionLock
from profiles.models.social import SocialAccount, SocialItem

__all__ = [
    "Anchor",
    "BehaviourLock",
    "BuilderMinute",
    "Cluster",
    "CombinedRebuild",
    "DailyCounter",
    "EventName",
    "Evidence",
    "Identifier",
    "LifecycleRule",
    "Merge",
    "Namespace",
    "Profile",
    "ProfileActivity",
    "ProfileName",
    "Session",
    "SessionClock",
    "SessionLock",
    "SocialAccount",
    "SocialItem",
    "SuppressedMessage",
    "TimelineEvent",
    "TraitVersion",
    "VisitBehaviour",
]
