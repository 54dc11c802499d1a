"""The calendar feed."""

from fastapi import APIRouter

router = APIRouter()
