"""Single sign-on with OpenID Connect."""

from fastapi import APIRouter

router = APIRouter()
