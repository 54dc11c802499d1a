"""Capacity for the next six weeks."""

from fastapi import APIRouter

router = APIRouter()
