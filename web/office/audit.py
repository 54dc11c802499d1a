"""The audit search."""

from fastapi import APIRouter

router = APIRouter()
