"""Withdrawing, reopening, reassigning."""

from fastapi import APIRouter

router = APIRouter()
