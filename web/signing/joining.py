"""Accepting an invitation: a password, then the second factor."""

from fastapi import APIRouter

router = APIRouter()
