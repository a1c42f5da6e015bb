import duckdb
import polars as pl
import pyarrow as pa
from models import FRAME, saved

from headrace.pyfunc import Predictor, duckdb_function

expected = saved()
wanted = expected["classes"].tolist()
add = Predictor("classes")

with_pandas = add(FRAME)
assert with_pandas["prediction"].tolist() == wanted
assert list(with_pandas.columns) == ["a", "b", "c", "prediction"]
assert add(FRAME[::-1])["prediction"].tolist() == wanted[::-1]

frame = pl.from_pandas(FRAME)
assert add(frame)["prediction"].to_list() == wanted
lazily = frame.lazy().map_batches(add, schema={**frame.schema, "prediction": pl.Boolean})
assert lazily.collect()["prediction"].to_list() == wanted

assert add(pa.Table.from_pandas(FRAME))["prediction"].to_pylist() == wanted
assert add({name: FRAME[name].to_numpy() for name in FRAME})["prediction"].tolist() == wanted

spread = Predictor("spread", "of")(FRAME)
assert spread["of_low"].tolist() == expected["spread"]["low"].tolist()
assert spread["of_high"].tolist() == expected["spread"]["high"].tolist()

connection = duckdb.connect()
duckdb_function(connection, "classes", "classes")
given = FRAME.reset_index(names="row")
rows = connection.sql("SELECT classes(a, b, c) FROM given ORDER BY row").fetchall()
assert [value for (value,) in rows] == wanted
