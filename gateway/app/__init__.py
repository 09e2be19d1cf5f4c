"""Owns the putting together: builds every room and hands each what it needs; the only one that knows them all."""

from gateway.app.application import create_app
from gateway.app.doctor import EXAMINED, examine
from gateway.app.rooms import use_cases
from gateway.app.setup_check import SetupFault
from gateway.app.surfaces import SURFACES

__all__ = ["EXAMINED", "SURFACES", "SetupFault", "create_app", "examine", "use_cases"]
