"""Signing in as somebody of the sample."""

from fastapi import APIRouter

router = APIRouter()
