"""Leave and handing over."""

from fastapi import APIRouter

router = APIRouter()
