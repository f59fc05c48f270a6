"""What the writer asks of PostgreSQL goes by keys from the first order on: a sale does not begin with whole tables being read."""

from grid_config.outcomes import OrderStatus
from tests.fixtures.behind import Behind, until

pytest_plugins = ["tests.fixtures.behind"]

PURCHASES = 15  # one after the other: PostgreSQL keeps a plan after five executions of a prepared statement
READ_WHOLE = "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname IN ('orders', 'tickets', 'payments') AND seq_scan > 0"
TICKETS_READ = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'tickets_one_per_place'"
BY_KEY = "SELECT idx_scan FROM pg_stat_user_tables WHERE relname = 'orders'"


async def test_no_transaction_reads_every_order_while_the_tables_are_new(back: Behind) -> None:
    event = await back.publish()
    for place in range(PURCHASES):
        bought = await back.buy(event, (place,))
        await back.stands(event, bought, OrderStatus.CONFIRMED)

    async def counted() -> bool:
        return int((await back.rows(BY_KEY))[0][0]) >= PURCHASES

    await until(counted)
    read_whole = dict(await back.rows(READ_WHOLE))  # the reader looked for orders once when the event was published
    assert max(read_whole.values(), default=0) < PURCHASES // 3, read_whole
    tickets_read = int((await back.rows(TICKETS_READ))[0][0])
    assert tickets_read <= 2 * PURCHASES, f"{tickets_read} tickets were read for {PURCHASES} that were written"
