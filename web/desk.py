"""The desk: what somebody owes, what they decided lately, who covers them."""

from fastapi import APIRouter

router = APIRouter()
