"""People, roles, leave and leavers."""

from fastapi import APIRouter

router = APIRouter()
