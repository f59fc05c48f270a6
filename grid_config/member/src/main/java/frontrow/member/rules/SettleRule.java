package frontrow.member.rules;

/**
 * What became of an attempt to pay. Repeats, reversed order and late arrivals are normal input: money ends as places kept
 * or as money returned, once per attempt, and everything else that does not fit the order's state changes nothing.
 */
final class SettleRule {
    private final Inventory inventory;
    private final Command.Settle settle;
    private final Change.Money money;
    private final long now;

    private SettleRule(Inventory inventory, Command.Settle settle, long now) {
        this.inventory = inventory;
        this.settle = settle;
        this.money = settle.money();
        this.now = now;
    }

    static Decision decide(Inventory inventory, Command.Settle settle, long now, Bounds bounds) {
        if (bounds.refuseAll(inventory)) {
            return Decision.refuse(Outcome.FULL);
        }
        return new SettleRule(inventory, settle, now).decide();
    }

    private Decision decide() {
        Order order = inventory.orders().find(settle.order());
        if (order != null) {
            return money.result().isMoney() ? moneyCame(order) : noMoney(order);
        }
        Sold sold = inventory.orders().findSold(settle.order());
        if (sold != null) {
            return decide(sold);
        }
        return money.result().isMoney() ? unmatched(0) : Decision.refuse(Outcome.UNKNOWN_ORDER);
    }

    private Decision moneyCame(Order order) {
        boolean itsOwn = order.attempt() == money.attempt();
        if (order.hasReturned(money.attempt()) || order.status().isSettled() && itsOwn) {
            return Decision.tell(Outcome.REPEATED, order);
        }
        return switch (order.status()) {
            case PAYING -> order.isOpenAttempt(money.attempt()) ? moneyForOpen(order) : back(order, ReturnReason.CLOSED_ATTEMPT);
            case EXPIRED -> moneyForExpired(order);
            case HELD, PAID, CONFIRMED -> back(order, ReturnReason.CLOSED_ATTEMPT);
            case RELEASED, DECLINED, CANCELLED -> back(order, ReturnReason.ENDED_ORDER);
        };
    }

    private Decision moneyForOpen(Order order) {
        if (money.amount() == order.total()) {
            return paid(order, false);
        }
        // The attempt is spent, the seats are still the shopper's until the deadline.
        return accept(new Change.MoneyReturned(head(order, OrderStatus.HELD), money, ReturnReason.AMOUNT));
    }

    /** Late money buys the same places if they are still free: past limit and window, but not past the event's start. */
    private Decision moneyForExpired(Order order) {
        if (!order.isOpenAttempt(money.attempt())) {
            return back(order, ReturnReason.CLOSED_ATTEMPT);
        }
        if (money.amount() != order.total()) {
            return back(order, ReturnReason.AMOUNT);
        }
        if (inventory.terms().hasStarted(now)) {
            return back(order, ReturnReason.EVENT_OVER);
        }
        for (int place : order.places()) {
            if (!inventory.places().isFree(place)) {
                return back(order, ReturnReason.SEATS_GONE);
            }
        }
        return paid(order, true);
    }

    private Decision noMoney(Order order) {
        boolean open = order.status() == OrderStatus.PAYING && order.isOpenAttempt(money.attempt());
        boolean pastDeadline = order.isPastDeadline(now);
        boolean paidByIt = order.status().isSettled() && order.attempt() == money.attempt();
        return switch (money.result()) {
            case DECLINED -> open ? declined(order) : repeated(order);
            case CANCELLED -> open ? cancelled(order, pastDeadline) : repeated(order);
            case UNANSWERED -> open && pastDeadline ? accept(LapseRule.expired(inventory, order, now, true)) : repeated(order);
            case CAPTURE_FAILED -> paidByIt ? declined(order) : repeated(order);
            case CREATE_FAILED -> open ? closed(order, order.heldUntil()) : repeated(order);
            case AUTHORISED, CAPTURED -> throw new IllegalStateException("money is not no money");
        };
    }

    private Decision cancelled(Order order, boolean pastDeadline) {
        return pastDeadline ? accept(LapseRule.expired(inventory, order, now, false)) : closed(order, order.deadlineAt());
    }

    /** Only the places of a sold order are remembered: other money than what bought them is for PostgreSQL to judge. */
    private Decision decide(Sold sold) {
        boolean itsOwn = sold.attempt() == 0 || sold.attempt() == money.attempt();
        if (money.result() == PaymentResult.CAPTURE_FAILED && itsOwn) {
            Change.Head head = new Change.Head(inventory.seq() + 1, now, sold.number(), sold.account(), settle.ip(),
                    OrderStatus.DECLINED.code());
            return accept(new Change.Declined(head, money.attempt(), money.result()));
        }
        return money.result().isMoney() && !itsOwn ? unmatched(sold.account()) : Decision.tell(Outcome.REPEATED, sold);
    }

    private Decision unmatched(long account) {
        long seq = inventory.seq() + 1;
        Change.Head head = new Change.Head(seq, now, settle.order(), account, settle.ip(), 0);
        Step step = new Step.Changed(new Change.PaymentUnmatched(head, money));
        return Decision.accept(step, (out, after) -> Order.writeUnmatched(seq, out));
    }

    private Decision paid(Order order, boolean retaken) {
        return accept(new Change.Paid(head(order, OrderStatus.PAID), money, retaken));
    }

    private Decision declined(Order order) {
        return accept(new Change.Declined(head(order, OrderStatus.DECLINED), money.attempt(), money.result()));
    }

    private Decision closed(Order order, long deadline) {
        return accept(new Change.AttemptClosed(head(order, OrderStatus.HELD), money.attempt(), money.result(), deadline));
    }

    private Decision back(Order order, ReturnReason reason) {
        return accept(new Change.MoneyReturned(head(order, order.status()), money, reason));
    }

    private static Decision repeated(Order order) {
        return Decision.tell(Outcome.REPEATED, order);
    }

    private static Decision accept(Change change) {
        return Decision.accept(change);
    }

    /** What a provider caused has the address of the order, whosever call brought it. */
    private Change.Head head(Order order, OrderStatus after) {
        return new Change.Head(inventory.seq() + 1, now, order.number(), order.account(), order.ip(), after.code());
    }
}
