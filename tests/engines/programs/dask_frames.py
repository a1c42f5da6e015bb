import dask.dataframe as dd
from models import FRAME, saved

from headrace.pyfunc import Predictor


def main():
    wanted = saved()["classes"].tolist()
    add = Predictor("classes")
    given = dd.from_pandas(FRAME, npartitions=4)
    found = given.map_partitions(add, meta=add(FRAME.head(1)))
    for scheduler in ("threads", "processes"):
        made = found.compute(scheduler=scheduler)["prediction"]
        assert made.tolist() == wanted, scheduler


if __name__ == "__main__":
    main()
