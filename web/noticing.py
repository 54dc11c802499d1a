"""Logging a concern."""

from fastapi import APIRouter

router = APIRouter()
