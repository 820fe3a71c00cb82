"""E-mail, when SMTP_HOST says so."""

from cdp_site.mail_server import mail_settings
from cdp_site.settings.environment import ENV

EMAIL_HOST = ""
EMAIL_CA_FILE = ""
globals().update(mail_settings(ENV.mail_server))
