"""The front door's pages."""

from fastapi import APIRouter

router = APIRouter()
