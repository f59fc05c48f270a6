package frontrow.member.rules;

/** A shopper lets an order go: held and paying ones go, ended ones have gone, paid ones stay. */
final class ReleaseRule {
    private ReleaseRule() {
    }

    static Decision decide(Inventory inventory, Command.Release release, long now, Bounds bounds) {
        Order order = inventory.orders().find(release.order());
        if (order == null || order.account() != release.account()) {
            Sold sold = inventory.orders().findSold(release.order());
            boolean theirs = sold != null && sold.account() == release.account();
            return theirs ? Decision.refuse(Outcome.NOT_RELEASABLE, OrderStatus.CONFIRMED) : Decision.refuse(Outcome.UNKNOWN_ORDER);
        }
        if (order.status().isSettled()) {
            return Decision.refuse(Outcome.NOT_RELEASABLE, order.status());
        }
        if (!order.status().isLive()) {
            return Decision.tell(Outcome.REPEATED, order);
        }
        if (bounds.refuseAll(inventory)) {
            return Decision.refuse(Outcome.FULL);
        }
        // The open attempt rides along: its payment is to be cancelled at the provider.
        Change.Head head = new Change.Head(
                inventory.seq() + 1, now, order.number(), order.account(), release.ip(), OrderStatus.RELEASED.code());
        long openAttempt = order.isAttemptOpen() ? order.attempt() : 0;
        return Decision.accept(new Change.Ended(head, Change.RELEASED, openAttempt, order.provider(), order.method()));
    }
}
