"""The one way in which a server calls an address that a user named."""

from headrace.egress.rules import Egress, RefusedAddressError, is_public

__all__ = ["Egress", "RefusedAddressError", "is_public"]
