"""The types of columns, as the tables and the scripts of migrations spell them.

What a name here stands for never changes, because scripts of the past use it; another type gets
another name.
"""

from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles


class Name(String):
    """Text compared code point by code point: case, accents and trailing blanks all count."""

    cache_ok = True


@compiles(Name)
def _plain(element: Name, _compiler: Any, **_: Any) -> str:
    return f"VARCHAR({element.length})"


@compiles(Name, "postgresql")
def _postgresql(element: Name, _compiler: Any, **_: Any) -> str:
    return f'VARCHAR({element.length}) COLLATE "C"'


@compiles(Name, "mysql")
@compiles(Name, "mariadb")
def _mysql(element: Name, compiler: Any, **_: Any) -> str:
    # The default collations pad with blanks and fold case; MariaDB and MySQL name the strict one differently.
    collation = "utf8mb4_nopad_bin" if compiler.dialect.is_mariadb else "utf8mb4_0900_bin"
    return f"VARCHAR({element.length}) CHARACTER SET utf8mb4 COLLATE {collation}"


ID = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER aliases SQLite's rowid
LONG_TEXT = Text().with_variant(mysql.LONGTEXT(charset="utf8mb4"), "mysql", "mariadb")
BLOB = LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")
