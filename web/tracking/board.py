"""The board of assessments and reviews."""

from fastapi import APIRouter

router = APIRouter()
