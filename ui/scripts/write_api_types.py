"""Write the TypeScript types of the server's operations to where the web application imports them."""

from pathlib import Path

from headrace.wire import schema

TARGET = Path(__file__).parents[1] / "src/lib/api-types.ts"

if __name__ == "__main__":
    TARGET.write_text(schema.typescript(), encoding="utf-8")
