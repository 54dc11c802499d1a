"""Finding a concern or a child."""

from fastapi import APIRouter

router = APIRouter()
