package frontrow.member.rules;

/**
 * How large one inventory may grow.
 *
 * @param liveOrders orders it keeps, live and ended ones together
 * @param outbox changes that PostgreSQL has not got yet
 * @param memoryShort whether a member that keeps it has no room for more orders and entries. What there is goes on: it ends, and
 *     makes room
 */
public record Bounds(int liveOrders, int outbox, boolean memoryShort) {
    public static final Bounds DEFAULT = new Bounds(Limits.LIVE_ORDERS_MAX, Limits.OUTBOX_CHANGES_MAX, false);

    /** Nothing new is begun: holds and payments. */
    boolean refuseNew(Inventory inventory) {
        return inventory.outbox().size() >= outbox;
    }

    boolean refuseOrder(Inventory inventory) {
        return memoryShort || inventory.orders().size() >= liveOrders || refuseNew(inventory);
    }

    /** No entry is made, be it new or brought back. */
    boolean refuseEntry() {
        return memoryShort;
    }

    /** Even what must go on (settling, releasing, lapsing) waits until the pump has been here. */
    boolean refuseAll(Inventory inventory) {
        return inventory.outbox().size() >= (long) Limits.OVERFLOW_FACTOR * outbox;
    }
}
