package frontrow.member.rules;

/** A shopper starts to pay: one open attempt at a time, and the deadline moves once. */
final class PaymentRule {
    private PaymentRule() {
    }

    static Decision decide(Inventory inventory, Command.StartPayment start, long now, Bounds bounds) {
        Order order = inventory.orders().find(start.order());
        if (order == null || order.account() != start.account()) {
            Sold sold = inventory.orders().findSold(start.order());
            boolean theirs = sold != null && sold.account() == start.account();
            return theirs ? Decision.refuse(Outcome.NOT_PAYABLE, OrderStatus.CONFIRMED) : Decision.refuse(Outcome.UNKNOWN_ORDER);
        }
        if (order.status() != OrderStatus.HELD && order.status() != OrderStatus.PAYING) {
            return Decision.refuse(Outcome.NOT_PAYABLE, order.status());
        }
        if (order.isPastDeadline(now)) {
            return Decision.refuse(Outcome.NOT_PAYABLE, OrderStatus.EXPIRED); // it will be, as soon as the clock or the provider says so
        }
        if (start.attempt() == 0 || start.provider().isEmpty()) {
            return Decision.refuse(Outcome.INVALID);
        }
        if (order.status() == OrderStatus.PAYING) {
            return Decision.tell(isSamePayment(order, start) ? Outcome.REPEATED : Outcome.ATTEMPT_OPEN, order);
        }
        if (bounds.refuseNew(inventory)) {
            return Decision.refuse(Outcome.FULL);
        }
        Change.Head head = new Change.Head(
                inventory.seq() + 1, now, order.number(), order.account(), start.ip(), OrderStatus.PAYING.code());
        long deadline = order.isExtended() ? order.deadlineAt() : now + inventory.terms().holdMs();
        return Decision.accept(new Change.PaymentStarted(
                head, start.attempt(), start.method(), start.provider(), deadline, order.total()));
    }

    /** A shopper who asks again goes on with the attempt that is open, not with a second one. */
    private static boolean isSamePayment(Order order, Command.StartPayment start) {
        return order.attempt() == start.attempt()
                || order.method() == start.method() && order.provider().equals(start.provider());
    }
}
