"""Deliveries refused or stuck."""

from fastapi import APIRouter

router = APIRouter()
