"""The writing half: what a source has is compared with what the store holds, and the rest is added."""
