package frontrow.member.rules;

/**
 * How large one inventory may grow.
 *
 * @param liveOrders orders it keeps, live and ended ones together
 * @param outbox changes that PostgreSQL has not got yet
 */
public record Bounds(int liveOrders, int outbox) {
    public static final Bounds DEFAULT = new Bounds(Limits.LIVE_ORDERS_MAX, Limits.OUTBOX_CHANGES_MAX);

    /** Nothing new is begun: holds and payments. */
    boolean refuseNew(Inventory inventory) {
        return inventory.outbox().size() >= outbox;
    }

    boolean refuseOrder(Inventory inventory) {
        return inventory.orders().size() >= liveOrders || refuseNew(inventory);
    }

    /** Even what must go on (settling, releasing, lapsing) waits until the pump has been here. */
    boolean refuseAll(Inventory inventory) {
        return inventory.outbox().size() >= (long) Limits.OVERFLOW_FACTOR * outbox;
    }
}
