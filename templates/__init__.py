"""Templates: letters in `email/`, and the referral that a front door reads in `referral/`."""
