"""Names and ids that Headrace makes."""

import hashlib
import secrets
import uuid

_ADJECTIVES = ["able", "agile", "amber", "apt", "bold", "brave", "brisk", "bright", "calm", "candid", "clear", "clever", "crisp", "deft", "deep", "eager", "early", "even", "fair", "fleet", "fond", "frank", "fresh", "gentle", "glad", "golden", "grand", "hardy", "hazel", "honest", "humble", "keen", "kind", "lively", "lucid", "lunar", "mellow", "merry", "mild", "modest", "neat", "nimble", "noble", "open", "patient", "placid", "plucky", "polite", "proud", "quick", "quiet", "rapid", "ready", "rosy", "royal", "sage", "serene", "sharp", "silver", "sleek", "smooth", "snowy", "solar", "sound", "spry", "stately", "steady", "still", "sturdy", "sunny", "supple", "sure", "swift", "tame", "tidy", "true", "upbeat", "valiant", "vast", "vivid", "warm", "wise", "witty", "young", "zesty"]
_ANIMALS = ["ant", "asp", "auk", "bat", "bear", "bee", "bison", "boar", "bream", "carp", "cat", "civet", "clam", "cod", "colt", "condor", "coot", "crab", "crane", "crow", "deer", "dingo", "doe", "dove", "duck", "eagle", "eel", "egret", "elk", "emu", "ermine", "falcon", "fawn", "finch", "fox", "frog", "gecko", "gnu", "goat", "goose", "grouse", "gull", "hare", "hawk", "heron", "hind", "hornet", "ibex", "ibis", "jay", "kite", "kiwi", "koala", "lark", "lemur", "lion", "llama", "loon", "lynx", "mare", "marten", "midge", "mink", "mole", "moose", "moth", "mule", "newt", "okapi", "oriole", "otter", "owl", "ox", "panda", "perch", "pike", "pony", "puffin", "quail", "ram", "raven", "robin", "rook", "sable", "seal", "shad", "shrew", "skink", "skua", "sloth", "snail", "snipe", "stag", "stoat", "stork", "swan", "swift", "tern", "toad", "trout", "tuna", "vole", "wasp", "whale", "wolf", "wren", "yak", "zebra"]


def random_name() -> str:
    """A name for a run or a model that got none: ``<adjective>-<animal>-<0..999>``."""
    return f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_ANIMALS)}-{secrets.randbelow(1000)}"


def new_run_id() -> str:
    """32 hex digits."""
    return uuid.uuid4().hex


def new_model_id() -> str:
    """``m-`` and 32 hex digits."""
    return f"m-{uuid.uuid4().hex}"


def experiment_id_for(name: str, attempt: int = 0) -> str:
    """The id of an experiment of this name: decimal digits of a hash, the same on every machine.

    18 digits, so that it fits a signed 64-bit integer. ``attempt`` gives further ids for a name whose
    first one is taken by an experiment that has been renamed since.
    """
    seed = name if attempt == 0 else f"{name}\0{attempt}"
    digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()
    return str(10**17 + int.from_bytes(digest[:8], "big") % (9 * 10**17))
