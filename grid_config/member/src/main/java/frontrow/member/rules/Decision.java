package frontrow.member.rules;

/**
 * What a command comes to: an outcome, the step to take (null: none), and the body of the answer, written after the step.
 */
record Decision(Outcome outcome, Step step, Body body) {
    static final Body NOTHING = (out, inventory) -> { };

    /** Writes an answer's body from the inventory after the step. */
    interface Body {
        void write(WireWriter out, Inventory inventory);
    }

    static Decision refuse(Outcome outcome) {
        return new Decision(outcome, null, NOTHING);
    }

    static Decision refuse(Outcome outcome, Body body) {
        return new Decision(outcome, null, body);
    }

    static Decision refuse(Outcome outcome, long number) {
        return new Decision(outcome, null, (out, inventory) -> out.i64(number));
    }

    static Decision refuse(Outcome outcome, OrderStatus status) {
        return new Decision(outcome, null, (out, inventory) -> out.u8(status.code()));
    }

    static Decision refuse(Outcome outcome, int[] places) {
        return new Decision(outcome, null, (out, inventory) -> {
            out.u8(places.length);
            for (int place : places) {
                out.i32(place);
            }
        });
    }

    /** A change of an order, answered with the order after it. */
    static Decision accept(Change change) {
        long order = change.head().order();
        return new Decision(Outcome.ACCEPTED, new Step.Changed(change), (out, inventory) -> inventory.orders().find(order).write(out));
    }

    /** Nothing to do: the order as it stands. */
    static Decision tell(Outcome outcome, Order order) {
        return new Decision(outcome, null, (out, inventory) -> order.write(out));
    }

    static Decision tell(Outcome outcome, Sold order) {
        return new Decision(outcome, null, (out, inventory) -> order.writeView(inventory.layout(), out));
    }

    static Decision accept(Step step, Body body) {
        return new Decision(Outcome.ACCEPTED, step, body);
    }

    /** Whether nobody may be told before a backup has confirmed the same state. */
    boolean needsBackup() {
        return step != null || outcome.tellsState();
    }
}
