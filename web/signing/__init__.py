"""Signing in: invitations, passwords, codes, sessions, single sign-on."""
