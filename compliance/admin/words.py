"""Operations, categories and rows of the audit trail in everyday words."""

from compliance.domain.looking_up import TrailRow
from compliance.enums import Category, Operation

OPERATIONS = {
    Operation.HOME_VIEW: "See the figures of Home",
    Operation.EVENTS_VIEW: "See events as they arrive",
    Operation.PEOPLE_VIEW: "See people: traits, identifiers, timeline",
    Operation.PEOPLE_SEARCH: "Search for people",
    Operation.IDENTITY_DECIDE: "Say who is one person: merge, split, review",
    Operation.IDENTITY_RULES: "Change the rules of identity",
    Operation.SOURCES_VIEW: "See sources and what they send",
    Operation.SOURCES_MANAGE: "Make, rotate and disable sources and keys",
    Operation.CATALOGUE_MANAGE: "Describe and classify what sources send",
    Operation.IMPORTS_RUN: "Import files",
    Operation.PIPELINE_VIEW: "See topics and consumers",
    Operation.PIPELINE_OPERATE: "Resubmit and discard dead letters",
    Operation.PAYLOADS_VIEW: "See the bytes of messages",
    Operation.TOKENS_MANAGE: "Make and revoke API tokens",
    Operation.USERS_MANAGE: "Manage users and their roles",
    Operation.AUDIT_VIEW: "Read the audit trail",
    Operation.SUPPRESSIONS_MANAGE: "Suppress people",
}
CATEGORIES = {
    Category.IDENTITY: "Identity: names, ids, birthdays",
    Category.CONTACT: "Contact: e-mail, phone, address, IP address",
    Category.BEHAVIOUR: "Behaviour: pages, visits, interests",
    Category.TRANSACTIONS: "Transactions: orders, prices, plans",
    Category.LOCATION: "Location: town, country",
    Category.SPECIAL: "Special: health, beliefs, secrets",
    Category.UNCLASSIFIED: "Unclassified: what no name gives away",
}
_ACTIONS = {
    "access.denied": "was refused",
    "audit.read": "read the audit trail",
    "catalogue.classify": "classified",
    "catalogue.describe": "described",
    "catalogue.examples": "saw examples of what sources send",
    "catalogue.purposes": "set the purposes of",
    "dead_letters.cancel": "cancelled",
    "dead_letters.discard": "discarded dead letters",
    "dead_letters.edit": "edited and sent back",
    "dead_letters.edits": "saw the edits of",
    "dead_letters.resubmit": "resubmitted dead letters",
    "events.open": "opened an event",
    "events.watch": "watched events arrive",
    "household.lookup": "looked a household or group up by an identifier",
    "household.members": "saw members of a household or group",
    "household.read": "saw a household or group",
    "households.list": "listed households and groups",
    "import.cancel": "cancelled",
    "import.errors": "downloaded the errors of",
    "import.pause": "paused",
    "import.preview": "previewed the rows of",
    "import.resume": "resumed",
    "import.start": "started",
    "mail.test": "tested the mail server, by an e-mail to",
    "notices.choose": "chose which notices reach",
    "payload.view": "saw the bytes of",
    "people.behind_events": "saw people behind events",
    "people.list": "listed people",
    "people.newest": "listed the newest people",
    "people.search": "searched for people",
    "person.activity": "saw the activity of a person",
    "person.event": "saw an event of a person in full",
    "person.explain": "saw why somebody is one person",
    "person.graph": "saw the identity graph of a person",
    "person.households": "saw what a person belongs to",
    "person.identifiers": "saw the identifiers of a person",
    "person.link": "saw the evidence of a link of a person",
    "person.lookup": "looked a person up by an identifier",
    "person.merges": "saw the merges of a person",
    "person.social": "saw what a person does on social networks",
    "person.behaviour": "saw how the visits of a person went",
    "person.read": "saw the profile of a person",
    "person.timeline": "saw the timeline of a person",
    "person.trait_history": "saw the history of a trait of a person",
    "person.traits": "saw the traits of a person",
    "plan.draft": "changed the draft of",
    "plan.publish": "published",
    "plan.stop": "stopped",
    "plan.violations": "saw what broke",
    "quarantine.cancel": "cancelled",
    "quarantine.discard": "discarded events in quarantine of",
    "quarantine.list": "listed events in quarantine",
    "quarantine.open": "opened an event in quarantine",
    "quarantine.preview": "previewed the mending of events in quarantine of",
    "quarantine.resend": "sent events on out of quarantine of",
    "rejections.list": "listed rejected items",
    "sign_in.done": "signed in",
    "sign_in.failed": "failed to sign in",
    "source.create": "made",
    "source.disable": "disabled",
    "source.disable_key": "disabled a write key of",
    "source.enable": "enabled",
    "source.purposes": "set the purposes of",
    "source.rotate_key": "gave a second write key to",
    "suppression.add": "suppressed an identifier, kind",
    "suppression.remove": "lifted the suppression of an identifier, kind",
    "suppressions.list": "listed suppressions",
    "token.create": "made",
    "token.revoke": "revoked",
    "user.accept": "set the first password of",
    "user.activate": "let in again",
    "user.create": "made",
    "user.invite": "invited",
    "user.deactivate": "shut out",
    "user.set_email": "changed the e-mail address of",
    "user.set_roles": "changed the roles of",
}
_ALONE = {"sign_in.done", "sign_in.failed"}
_ACTORS = {"staff": "", "token": "API token ", "system": "system ", "anonymous": ""}
GROUPS = {
    "person": "Looks at a person",
    "people": "Lists and searches of people",
    "household": "Looks at households and groups",
    "events": "Looks at events",
    "payload": "Looks at bytes of messages",
    "access.denied": "Refusals",
    "sign_in": "Sign-ins",
    "user": "Users and roles",
    "token": "API tokens",
    "source": "Sources",
    "catalogue": "The catalogue",
    "plan": "Tracking plans",
    "quarantine": "Quarantine",
    "import": "Imports",
    "dead_letters": "Dead letters",
    "suppression": "Suppressions",
    "notices": "Notices",
    "audit": "Looks at this trail",
}


def sentence(row: TrailRow) -> str:
    """What the row says after the name of who acted."""
    words = _ACTIONS.get(row.action) or row.action.replace(".", " ").replace("_", " ")
    if row.action == "access.denied":
        asked = {operation.value: text for operation, text in OPERATIONS.items()}.get(row.target, row.target)
        return f"{words}: {asked[:1].lower()}{asked[1:]}"
    named = row.detail.get("name")
    target = "" if row.action in _ALONE else row.target.removeprefix("suppression:").replace(":", " ", 1)
    told = " ".join(filter(None, (words, target, f"“{named}”" if named else "")))
    results = row.detail.get("results", row.detail.get("rows"))
    return told if results is None else f"{told} ({results:,} found)"


def actor_words(row: TrailRow) -> str:
    """Who acted, with what kind of actor it is where it is no member of staff."""
    return f"{_ACTORS.get(row.actor_kind, '')}{row.actor}"
