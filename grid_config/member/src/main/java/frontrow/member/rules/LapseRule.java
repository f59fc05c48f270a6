package frontrow.member.rules;

/** A held order lapses at its deadline. One being paid does not: its end is the provider's to tell. */
final class LapseRule {
    private LapseRule() {
    }

    /** The next lapse that is due; null: none. */
    static Change next(Inventory inventory, long now) {
        return due(inventory, inventory.orders().held().first(), now);
    }

    /** The lapse of a held order that stands in the way of a hold, where the sweep has not come to it yet; null: none. */
    static Change inTheWay(Inventory inventory, Command.Hold hold, long now) {
        if (hold.wish() instanceof Command.Seats seats) {
            for (int place : seats.places()) {
                if (!Areas.isSlot(place) && inventory.layout().contains(place)) {
                    Change lapse = due(inventory, inventory.places().holder(place), now);
                    if (lapse != null) {
                        return lapse;
                    }
                }
            }
        }
        return null;
    }

    private static Change due(Inventory inventory, Order order, long now) {
        if (order == null || order.status() != OrderStatus.HELD || !order.isPastDeadline(now)) {
            return null;
        }
        return expired(inventory, order, now, false);
    }

    /** {@code attemptOpen}: the provider has not answered, its money may still come. */
    static Change expired(Inventory inventory, Order order, long now, boolean attemptOpen) {
        Change.Head head = new Change.Head(
                inventory.seq() + 1, now, order.number(), order.account(), order.ip(), OrderStatus.EXPIRED.code());
        return new Change.Ended(head, Change.EXPIRED, attemptOpen ? order.attempt() : 0, order.provider(), order.method());
    }
}
