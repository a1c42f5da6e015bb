import pytest
from models import FRAME, saved
from pyspark.sql import SparkSession
from pyspark.sql.functions import struct

from headrace.errors import UnsupportedError
from headrace.pyfunc import spark_udf

expected = saved()
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.memory", "512m")
    .config("spark.sql.shuffle.partitions", "1")
    .getOrCreate()
)
table = spark.createDataFrame(FRAME.reset_index(names="row"))


def column(made):
    found = table.select("row", made.alias("found")).toPandas().sort_values("row")["found"]
    return found.tolist()


classes = spark_udf(spark, "classes")
wanted = expected["classes"].tolist()
assert column(classes("a", "b", "c")) == wanted
assert column(classes()) == wanted
assert column(classes(struct("c", "b", "a"))) == wanted
named = spark_udf(spark, "classes", result_type="string")
assert set(column(named())) == {"True", "False"}

spread = spark_udf(spark, "spread", result_type="low double, high double")
found = column(spread())
assert [one["low"] for one in found] == expected["spread"]["low"].tolist()
assert [one["high"] for one in found] == expected["spread"]["high"].tolist()

spark.udf.register("classes", spark_udf(spark, "classes"))
table.createOrReplaceTempView("given")
rows = spark.sql("SELECT classes(a, b, c) AS found FROM given ORDER BY row").collect()
assert [row["found"] for row in rows] == wanted

with pytest.raises(UnsupportedError, match="local"):
    spark_udf(spark, "classes", env_manager="virtualenv")
spark.stop()
