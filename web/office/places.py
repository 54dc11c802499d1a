"""Settings and the policy in force."""

from fastapi import APIRouter

router = APIRouter()
