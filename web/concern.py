"""The page of one concern."""

from fastapi import APIRouter

router = APIRouter()
