"""The calendar month."""

from fastapi import APIRouter

router = APIRouter()
