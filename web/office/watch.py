"""The watch: what ran, what failed, what waits."""

from fastapi import APIRouter

router = APIRouter()
