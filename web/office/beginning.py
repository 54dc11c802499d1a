"""The first start, with an empty record."""

from fastapi import APIRouter

router = APIRouter()
