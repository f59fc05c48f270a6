package frontrow.member.rules;

/**
 * How long orders stay: one that has ended leaves fifteen minutes after its end, once that is durable; a confirmed one
 * shrinks to its places. Goes by the time in the changes, never by a clock, so that owner and backup forget alike.
 */
final class Retention {
    private Retention() {
    }

    /** In small steps with every change, so that no single one is slow. */
    static void afterChange(Inventory inventory) {
        retire(inventory, Limits.RETIRED_PER_CHANGE_MAX);
    }

    static void afterAcknowledgement(Inventory inventory) {
        retire(inventory, Limits.DRAIN_CHANGES_MAX);
    }

    private static void retire(Inventory inventory, int most) {
        Orders orders = inventory.orders();
        for (int retired = 0; retired < most; retired++) {
            Order order = orders.ended().first();
            if (order == null || order.endedAt() + Limits.ORDER_RETENTION_MS > inventory.lastAt()
                    || order.seq() > inventory.outbox().durableSeq()) {
                return;
            }
            orders.detach(order);
            orders.forget(order);
            if (order.status() == OrderStatus.CONFIRMED) {
                inventory.places().forgetHolder(order);
                orders.add(Sold.of(order));
            }
        }
    }
}
