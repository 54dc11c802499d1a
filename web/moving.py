"""Tasks and the forms of their moves."""

from fastapi import APIRouter

router = APIRouter()
