"""Lock-out after wrong passwords (django-axes). How many, and for how long: `compliance.domain.lockout`."""

AXES_HANDLER = "compliance.lockout.LockoutHandler"
AXES_LOCKOUT_CALLABLE = "compliance.lockout.locked_page"
AXES_CLIENT_IP_CALLABLE = "compliance.addresses.address_of"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or who guesses keeps the other out for ever
AXES_DISABLE_ACCESS_LOG = True  # the audit trail has sign-ins
AXES_ENABLE_ADMIN = False  # its lists would be of pseudonyms
AXES_VERBOSE = False
