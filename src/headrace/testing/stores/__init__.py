"""What every store promises, as tests.

Inherit `TrackingStoreContract` in a test module that has a fixture ``store``:

    @pytest.fixture(scope="module")
    def store(tmp_path_factory):
        store = MyStore(tmp_path_factory.mktemp("store"))
        yield store
        store.close()


    class TestMine(TrackingStoreContract):
        pass

The tests make experiments of their own, so one store may serve all of them, and may hold more.
"""

from headrace.testing.stores.bands import BandContract
from headrace.testing.stores.batches import BatchContract
from headrace.testing.stores.charts import ChartContract
from headrace.testing.stores.datasets import DatasetContract
from headrace.testing.stores.experiments import ExperimentContract
from headrace.testing.stores.grouping import GroupingContract
from headrace.testing.stores.histories import HistoryContract
from headrace.testing.stores.journals import JournalContract
from headrace.testing.stores.lifecycle import LifecycleContract
from headrace.testing.stores.metrics import MetricContract
from headrace.testing.stores.models import ModelContract
from headrace.testing.stores.pages import PageContract
from headrace.testing.stores.registry import RegistryContract
from headrace.testing.stores.review import ReviewContract
from headrace.testing.stores.runs import RunContract
from headrace.testing.stores.tabulation import TabulationContract
from headrace.testing.stores.texts import TextContract
from headrace.testing.stores.webhooks import WebhookContract

__all__ = ["TrackingStoreContract"]


class TrackingStoreContract(
    ExperimentContract,
    LifecycleContract,
    RunContract,
    TextContract,
    BatchContract,
    MetricContract,
    HistoryContract,
    ChartContract,
    PageContract,
    TabulationContract,
    GroupingContract,
    BandContract,
    DatasetContract,
    ModelContract,
    JournalContract,
    RegistryContract,
    ReviewContract,
    WebhookContract,
):
    """The promises of `headrace.stores.base.TrackingStore`."""
