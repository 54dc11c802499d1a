"""The sign-in pages."""

from fastapi import APIRouter

router = APIRouter()
