"""Personal keys of the API."""

from fastapi import APIRouter

router = APIRouter()
