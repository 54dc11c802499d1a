"""The local mailbox as a page."""

from fastapi import APIRouter

router = APIRouter()
