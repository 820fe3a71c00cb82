"""The corporate directory (LDAP, Active Directory): who is in it, in which groups, and which roles follow.

Modules that import `ldap` are imported late: only installations that set LDAP_URL have that package.
"""
