"""The records of evaluation datasets: taken in by their inputs, read page by page, removed."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import UNSET, Raw
from sqlalchemy import delete, select

from headrace.errors import InvalidValueError
from headrace.naming import new_evaluation_record_id
from headrace.stores import paging
from headrace.stores.sql import evaluation
from headrace.stores.sql.reading import slices
from headrace.stores.sql.tables import evaluation_dataset_records as table
from headrace.stores.sql.transaction import Transaction
from headrace.stores.sql.view import View
from headrace.wire import evaluation as e
from headrace.wire import records as r

_PAGE_BYTES = 16 * 1024 * 1024


class _Row(NamedTuple):
    """A row of the table, column by column; texts are JSON."""

    dataset: int
    position: int
    record_id: str
    identity: str
    inputs: str
    expectations: str | None
    tags: str
    outputs: str | None
    source: str | None
    source_type: str | None
    source_id: str | None
    created: int
    updated: int
    created_by: str | None
    last_updated_by: str | None
    size: int


class Upsert(NamedTuple):
    """Records to take in, read before they are queued: the one thread that writes has better to do."""

    dataset_id: str
    batch: r.Batch
    updated_by: str | None


def prepared(question: e.UpsertEvaluationRecords) -> Upsert:
    """What is to be taken in; `InvalidValueError` for what cannot be."""
    batch = r.read_records(question.records, question.dataset_id)
    return Upsert(question.dataset_id, batch, question.updated_by)


def upsert(tx: Transaction, wanted: Upsert) -> e.UpsertedEvaluationRecords:
    """Add the records with new inputs, and merge the others into those that there are."""
    dataset = evaluation.locked(tx, wanted.dataset_id)
    sent = wanted.batch.records
    if not sent:
        return e.UpsertedEvaluationRecords()
    rows = _stored(tx, {record.identity for record in sent})
    stored, position = len(rows), dataset.positions
    for record in sent:
        before = rows.get(record.identity)
        if before is None:
            position += 1
            before = _new(tx, dataset.id, position, record)
        rows[record.identity] = _merged(tx, before, record)
    tx.writes += 1
    tx.dialect.upsert(tx.cursor, table, list(rows.values()))
    inserted = len(rows) - stored
    users = [record.user for record in sent if record.user is not None]
    evaluation.touch(
        tx,
        dataset.id,
        schema=r.merged_schema(dataset.schema, wanted.batch.schema),
        records=dataset.records + inserted,
        positions=position,
        digest=evaluation.next_digest(dataset.digest, wanted.batch.digest),
        last_updated_by=wanted.updated_by or (users[-1] if users else None),
    )
    return e.UpsertedEvaluationRecords(inserted, len(sent) - inserted)


def _stored(tx: Transaction, identities: Iterable[str]) -> dict[str, _Row]:
    """The rows with these inputs, which are locked with their dataset."""
    found = [
        _Row(*row)
        for some in slices(list(identities))
        for row in tx.dialect.select_texts(tx.cursor, table, "identity", some)
    ]
    return {row.identity: row for row in found}


def _new(tx: Transaction, dataset: int, position: int, record: r.SentRecord) -> _Row:
    """A record with its inputs and its source; what else it has is merged into it."""
    return _Row(
        dataset=dataset,
        position=position,
        record_id=new_evaluation_record_id(),
        identity=record.identity,
        inputs=record.inputs,
        expectations=None,
        tags="{}",
        outputs="{}",
        source=record.source.text,
        source_type=record.source.kind,
        source_id=record.source.id,
        created=tx.now,
        updated=tx.now,
        created_by=record.user,
        last_updated_by=None,
        size=0,
    )


def _merged(tx: Transaction, row: _Row, record: r.SentRecord) -> _Row:
    row = row._replace(
        expectations=r.merged_text(row.expectations, record.expectations),
        tags=r.merged_text(row.tags, record.tags) or "{}",
        outputs=row.outputs if record.outputs is UNSET else record.outputs,
        updated=tx.now,
        last_updated_by=record.user or row.last_updated_by,
    )
    texts = (row.inputs, row.expectations, row.tags, row.outputs, row.source)
    size = sum(len(text) for text in texts if text is not None)
    if size > r.RECORD_BYTES:
        raise InvalidValueError(
            f"'{record.place}' has {size:,} bytes of JSON; at most {r.RECORD_BYTES:,} are kept. "
            "Log what is large as an artifact, and name it in the record."
        )
    return row._replace(size=size)


def remove(tx: Transaction, question: e.DeleteEvaluationRecords) -> e.DeletedEvaluationRecords:
    """Remove records of a dataset by their ids."""
    dataset = evaluation.locked(tx, question.dataset_id)
    ids = sorted(set(question.dataset_record_ids))
    gone = 0
    for some in slices(ids):
        these = (table.c.dataset == dataset.id) & table.c.record_id.in_(some)
        gone += tx.change(delete(table).where(these)).rowcount
    if gone:
        digest = evaluation.next_digest(dataset.digest, " ".join(ids))
        evaluation.touch(tx, dataset.id, records=dataset.records - gone, digest=digest)
    return e.DeletedEvaluationRecords(gone)


def get(view: View, question: e.GetEvaluationRecords) -> e.EvaluationRecords:
    """A page of records, no larger than a process can well hold."""
    number = evaluation.found(view, question.dataset_id).id
    after = paging.decode(question.page_token, question.dataset_id)
    rest = (table.c.dataset == number) & (table.c.position > after)
    query = select(table.c.position, table.c.size).where(rest).order_by(table.c.position)
    ahead = view.rows(query.limit(question.max_results + 1))
    page = _fitting(ahead[: question.max_results])
    if not page:
        return e.EvaluationRecords("[]")
    these = rest & (table.c.position <= page[-1])
    rows = [_Row(*row) for row in view.rows(select(table).where(these).order_by(table.c.position))]
    return e.EvaluationRecords(
        r.write_records(_told(row, question.dataset_id) for row in rows),
        paging.encode(page[-1], question.dataset_id) if len(page) < len(ahead) else None,
    )


def _fitting(ahead: Sequence[tuple[int, int]]) -> list[int]:
    """The first positions whose records fit into a page, at least one."""
    page: list[int] = []
    filled = 0
    for position, size in ahead:
        filled += size
        if page and filled > _PAGE_BYTES:
            break
        page.append(position)
    return page


def _told(row: _Row, dataset_id: str) -> r.Record:
    return r.Record(
        dataset_record_id=row.record_id,
        dataset_id=dataset_id,
        inputs=Raw(row.inputs),
        tags=Raw(row.tags),
        created_time=row.created,
        last_update_time=row.updated,
        expectations=_raw(row.expectations),
        outputs=_raw(row.outputs),
        source=_raw(row.source),
        source_id=row.source_id,
        source_type=row.source_type,
        created_by=row.created_by,
        last_updated_by=row.last_updated_by,
    )


def _raw(text: str | None) -> Raw | None:
    return None if text is None else Raw(text)
