"""Control: access, audit, consent, suppression, stores of personal data, identifiers."""
