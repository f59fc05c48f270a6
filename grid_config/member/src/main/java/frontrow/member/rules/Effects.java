package frontrow.member.rules;

/**
 * Applies changes, on owner and backup alike: deterministic, and it cannot fail. A change of an order that is not there
 * (none that {@code decide} makes) still counts, so that no copy ever gets stuck on it; so does a kind that moves nothing.
 */
final class Effects {
    private final Inventory inventory;

    Effects(Inventory inventory) {
        this.inventory = inventory;
    }

    void apply(Change change, byte[] record) {
        inventory.advance(change.head(), record);
        switch (change.kind()) {
            case Change.HELD -> hold((Change.Held) change);
            case Change.PAYMENT_UNMATCHED -> { }
            case Change.TERMS_CHANGED -> inventory.setTerms(((Change.TermsChanged) change).terms());
            default -> applyToOrder(change);
        }
        Retention.afterChange(inventory);
    }

    private void hold(Change.Held held) {
        Order order = new Order(held);
        order.touch(held.head().seq());
        inventory.places().occupy(order);
        inventory.orders().add(order);
    }

    private void applyToOrder(Change change) {
        Order order = orderOf(change);
        if (order == null) {
            return;
        }
        Orders orders = inventory.orders();
        orders.detach(order);
        order.touch(change.head().seq());
        move(order, change);
        orders.attach(order);
    }

    private void move(Order order, Change change) {
        Change.Head head = change.head();
        switch (change.kind()) {
            case Change.RELEASED -> end(order, OrderStatus.RELEASED, head, false);
            case Change.EXPIRED -> end(order, OrderStatus.EXPIRED, head, ((Change.Ended) change).openAttempt() != 0);
            case Change.DECLINED -> end(order, OrderStatus.DECLINED, head, false);
            case Change.PAYMENT_STARTED -> {
                Change.PaymentStarted started = (Change.PaymentStarted) change;
                order.startPayment(started.attempt(), started.method(), started.provider(), started.deadlineAt());
            }
            case Change.ATTEMPT_CLOSED -> {
                Change.AttemptClosed closed = (Change.AttemptClosed) change;
                order.closeAttempt(closed.deadlineAt(), closed.result() == PaymentResult.CREATE_FAILED);
            }
            case Change.PAID -> {
                Change.Money money = ((Change.Paid) change).money();
                order.pay(money.attempt(), money.method(), money.provider());
                inventory.places().occupy(order);
            }
            case Change.MONEY_RETURNED -> returnMoney(order, (Change.MoneyReturned) change);
            default -> { }
        }
    }

    private void end(Order order, OrderStatus how, Change.Head head, boolean stillOpen) {
        order.end(how, head.at(), stillOpen);
        inventory.places().vacate(order);
    }

    private void returnMoney(Order order, Change.MoneyReturned returned) {
        long attempt = returned.money().attempt();
        boolean closes = order.status() == OrderStatus.PAYING && order.isOpenAttempt(attempt);
        order.returnMoney(attempt);
        if (closes) {
            order.closeAttempt(order.deadlineAt(), false);
        }
    }

    /** A sold order that is declined after all becomes an order again, to be told as one until it is forgotten. */
    private Order orderOf(Change change) {
        Order order = inventory.orders().find(change.head().order());
        if (order != null || change.kind() != Change.DECLINED) {
            return order;
        }
        Sold sold = inventory.orders().findSold(change.head().order());
        if (sold == null) {
            return null;
        }
        inventory.orders().remove(sold);
        inventory.places().vacate(sold);
        Order again = new Order(sold, inventory.layout(), change.head());
        inventory.orders().add(again);
        return again;
    }
}
