"""The National Public Service Portal (Cổng Dịch vụ công quốc gia), read through the integration gateway.

Belongs here: asking its reading services and keeping their pages. Does not: the kept form and its records (pages.py), or
any service that writes: none can be called from here.
"""

from extractors.portal.connection import PortalConnection
from extractors.portal.reading import read_service

__all__ = ["PortalConnection", "read_service"]
