from pathlib import Path

import pytest

from headrace.cli.reference import pages

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize(("name", "text"), pages().items())
def test_a_reference_page_says_what_the_code_says(name: str, text: str) -> None:
    assert (FOLDER / name).read_text() == text, (
        "run: python -m headrace.cli.reference docs/reference"
    )
